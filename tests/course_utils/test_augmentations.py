"""Augmentation: laws for any pictures and seed, movements beside scipy's reading of a picture, the steps in a row."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from course_utils.selfsup.augmentations import (
    Augmentation,
    blur,
    colour_jitter,
    cutout,
    distort,
    flip,
    greyscale,
    noise,
    random_resized_crop,
    rotate,
)

STEPS = {
    "crop": lambda x, g=None: random_resized_crop(x, (0.2, 0.9), g),
    "flip": flip,
    "rotate": lambda x, g=None: rotate(x, 30, g),
    "distort": lambda x, g=None: distort(x, 0.05, g),
    "colour": lambda x, g=None: colour_jitter(x, 1.0, g),
    "grey": lambda x, g=None: greyscale(x, 0.5, g),
    "blur": lambda x, g=None: blur(x, 1.5, g),
    "cutout": lambda x, g=None: cutout(x, 1, g),
    "noise": lambda x, g=None: noise(x, 0.1, g),
    "default": Augmentation(),
    "all": Augmentation(distort=0.03, rotate=15, cutout=1, noise=0.05, blur=1),
}
MOVES = {
    **{name: STEPS[name] for name in ("crop", "flip", "rotate", "distort")},
    "all moves": Augmentation(colour=0, grey=0, rotate=20, distort=0.02),
}
names = st.sampled_from(sorted(STEPS))
seeds = st.integers(0, 2**40)
sides = st.integers(1, 12)
quickly = settings(max_examples=30, deadline=None)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some(n: int, h: int = 12, w: int | None = None, seed: int = 0) -> torch.Tensor:
    """Pictures without a value of exactly 0.5, which is what a cut-out is filled with."""
    return torch.rand(n, 3, h, w or h, generator=seeded(seed)) * 0.498


def maps(n: int, h: int, w: int) -> torch.Tensor:
    """Pictures whose red tells the column, green the row, as a part of the side; blue is random."""
    columns = ((torch.arange(w).double() + 0.5) / w).expand(h, w)
    rows = ((torch.arange(h).double() + 0.5) / h)[:, None].expand(h, w)
    blue = torch.rand(h, w, generator=seeded(1), dtype=torch.float64)
    return torch.stack([columns, rows, blue]).expand(n, 3, h, w)


@quickly
@given(names, st.integers(1, 4), sides, sides, seeds)
def test_a_view_is_a_picture_of_the_same_shape_and_the_original_is_left_alone(name, n, h, w, seed):
    x = torch.rand(n, 3, h, w, generator=seeded(seed)).round(decimals=1)  # pure black and white too
    before = x.clone()
    view = STEPS[name](x, seeded(seed))
    assert view.shape == x.shape
    assert view.dtype == x.dtype
    assert view.min() >= 0
    assert view.max() <= 1
    assert torch.equal(x, before)


@quickly
@given(names, seeds)
def test_one_seed_one_result(name, seed):
    x = some(5)
    assert torch.equal(STEPS[name](x, seeded(seed)), STEPS[name](x, seeded(seed)))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_given_generator_leaves_the_global_one_alone(name):
    state = torch.get_rng_state()
    STEPS[name](some(3), seeded())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", sorted(STEPS))
def test_without_a_generator_torchs_seed_decides(name):
    x, views = some(16), []
    for seed in (7, 7, 8):
        torch.manual_seed(seed)
        views.append(STEPS[name](x))
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"flip", "grey", "cutout", "blur"}))
def test_every_picture_has_its_own_parameters(name):
    same = some(1).expand(12, 3, 12, 12)
    views = STEPS[name](same, seeded(3))
    assert len(torch.unique(views.flatten(1), dim=0)) == 12


@quickly
@given(names, seeds)
def test_what_happens_to_a_picture_does_not_hang_on_its_neighbours(name, seed):
    x, others = some(6), some(6, seed=1)
    mixed = torch.cat([x[:3], others[3:]])
    alone, beside = STEPS[name](x, seeded(seed))[:3], STEPS[name](mixed, seeded(seed))[:3]
    torch.testing.assert_close(alone, beside, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", sorted(STEPS))
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_16_bit_pictures_are_rounded_only_at_the_end(name, dtype):
    x = some(4).to(dtype)
    assert torch.equal(STEPS[name](x, seeded()), STEPS[name](x.float(), seeded()).to(dtype))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_autocast_changes_nothing(name):
    x = some(4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = STEPS[name](x, seeded())
    assert torch.equal(inside, STEPS[name](x, seeded()))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_the_gradient_to_the_picture_is_right(name):
    gentle = {
        "colour": lambda x, g: colour_jitter(x, 0.3, g),  # nothing reaches black or white
        "noise": lambda x, g: noise(x, 0.01, g),
        "default": Augmentation(colour=0.3),
        "all": Augmentation(colour=0.3, distort=0.03, rotate=15, cutout=1, noise=0.005, blur=1),
    }
    step = gentle.get(name, STEPS[name])
    x = (
        0.4 + 0.2 * torch.rand(2, 3, 4, 5, generator=seeded(), dtype=torch.float64)
    ).requires_grad_()
    assert torch.autograd.gradcheck(lambda picture: step(picture, seeded(1)), x)


@pytest.mark.parametrize("name", sorted(MOVES))
@pytest.mark.parametrize(("h", "w"), [(24, 24), (17, 30)])
def test_a_moved_picture_is_read_bilinearly_as_scipy_reads_it(name, h, w):
    """Red and green tell where each pixel was read; scipy reads blue there."""
    x = maps(20, h, w)
    for view in MOVES[name](x, seeded(2)).numpy():
        places = np.stack([view[1] * h - 0.5, view[0] * w - 0.5])
        expected = ndimage.map_coordinates(x[0, 2].numpy(), places, order=1, mode="nearest")
        # Where the way lies over the rim, red and green have a crease between two pixels and blue has not.
        agree = np.isclose(view[2], expected, atol=1e-6)
        assert agree.mean() > (0.999 if name in ("crop", "flip") else 0.9)


def crops(n: int = 400, h: int = 40, w: int = 40, **settings) -> np.ndarray:
    """(n, 4): left, right, top and bottom of each crop as parts of the picture, from pixels off the rim."""
    view = random_resized_crop(maps(n, h, w), generator=seeded(4), **settings).numpy()
    edges = []
    for channel, length, axis in ((0, w, 2), (1, h, 1)):
        along = view[:, channel].mean(axis=3 - axis)  # (n, length)
        first, last = length // 4, length - 1 - length // 4
        slope = (along[:, last] - along[:, first]) / (last - first)
        start = along[:, first] - (first + 0.5) * slope
        edges += [start, start + length * slope]
    return np.stack(edges, axis=1)


@pytest.mark.parametrize(("h", "w"), [(40, 40), (24, 60)])
def test_crops_lie_inside_have_the_pictures_shape_and_areas_uniform_in_scale(h, w):
    left, right, top, bottom = crops(h=h, w=w, scale=(0.2, 0.8)).T
    assert min(left.min(), top.min()) >= -1e-6
    assert max(right.max(), bottom.max()) <= 1 + 1e-6
    np.testing.assert_allclose(right - left, bottom - top, atol=1e-6)  # as parts of the sides
    areas = (right - left) * (bottom - top)
    assert stats.kstest(areas, stats.uniform(0.2, 0.6).cdf).pvalue > 0.001
    free = 1 - (right - left)
    for start in (left, top):
        assert stats.kstest(start / free, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(left / free, top / free)[0, 1]) < 0.2


@quickly
@given(st.integers(1, 3), sides, sides, seeds)
def test_the_crop_of_the_whole_picture_is_the_picture(n, h, w, seed):
    x = some(n, h, w, seed)
    view = random_resized_crop(x, (1, 1), seeded(seed))
    torch.testing.assert_close(view, x, rtol=0, atol=1e-5)


def test_half_of_the_pictures_are_mirrored_the_others_untouched():
    x = some(2000, 4)
    view = flip(x, seeded())
    untouched = (view == x).flatten(1).all(dim=1)
    mirrored = (view == x.flip(3)).flatten(1).all(dim=1)
    assert (untouched ^ mirrored).all()
    assert 900 < int(mirrored.sum()) < 1100


@pytest.mark.parametrize(("h", "w"), [(33, 33), (21, 41)])
def test_a_turn_keeps_the_distance_from_the_centre_also_where_a_picture_is_not_square(h, w):
    view = rotate(maps(200, h, w), 40, seeded(5)).numpy()
    rows, columns = np.mgrid[:h, :w]
    down, right = rows - (h - 1) / 2, columns - (w - 1) / 2
    near = np.hypot(down, right) < min(h, w) / 2 - 2  # these come from inside the picture
    was = (view[:, 0] * w - 0.5 - (w - 1) / 2) + 1j * (view[:, 1] * h - 0.5 - (h - 1) / 2)
    now = right + 1j * down
    near &= abs(now) > 1
    turn = was[:, near] / now[near]  # (n, pixels) complex: the same for all pixels of a picture
    np.testing.assert_allclose(turn, turn[:, :1].repeat(turn.shape[1], axis=1), atol=1e-9)
    np.testing.assert_allclose(abs(turn), 1, atol=1e-9)
    angles = np.degrees(np.angle(turn[:, 0]))
    assert stats.kstest(angles, stats.uniform(-40, 80).cdf).pvalue > 0.001


def test_a_distortion_shifts_by_its_strength_and_smoothly():
    h, w = 40, 60
    view = distort(maps(100, h, w), 0.02, seeded(6)).numpy()
    inner = np.s_[:, 10:-10, 10:-10]
    still = maps(1, h, w)[0].numpy()
    right, down = (w * (view[:, 0] - still[0]))[inner], (h * (view[:, 1] - still[1]))[inner]
    for shift in (right, down):
        assert shift.std() == pytest.approx(0.02 * min(h, w), rel=0.1)
        assert abs(np.diff(shift, axis=2)).max() < 0.5  # pixels: never torn


@quickly
@given(sides, sides, st.data(), seeds)
def test_a_cutout_is_one_grey_square_wholly_inside(h, w, data, seed):
    size = data.draw(st.integers(0, min(h, w)))
    x = some(6, h, w, seed)
    view = cutout(x, size, seeded(seed))
    for before, after in zip(x, view, strict=True):
        covered = (after == 0.5).all(dim=0)
        assert torch.equal(after[:, ~covered], before[:, ~covered])
        rows, columns = covered.any(dim=1), covered.any(dim=0)
        assert int(rows.sum()) == int(columns.sum()) == size
        assert torch.equal(covered, rows[:, None] & columns)
        for along in (rows, columns):  # in one piece
            assert int((along[1:] ^ along[:-1]).sum()) <= 2


def test_a_cutout_is_anywhere_equally_often():
    view = cutout(some(3000, 8, 6), 4, seeded())
    corners = (view[:, 0] == 0.5).flatten(1).float().argmax(dim=1)  # of the square, the top left
    counts = np.unique(corners.numpy(), return_counts=True)[1]
    assert len(counts) == 5 * 3
    assert stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize(
    ("alone", "step"),
    [
        (dict(crop=(0.3, 0.7)), lambda x, g: random_resized_crop(x, (0.3, 0.7), g)),
        (dict(flip=True), flip),
        (dict(rotate=25), lambda x, g: rotate(x, 25, g)),
        (dict(distort=0.04), lambda x, g: distort(x, 0.04, g)),
        (dict(colour=0.7), lambda x, g: colour_jitter(x, 0.7, g)),
        (dict(grey=0.5), lambda x, g: greyscale(x, 0.5, g)),
        (dict(blur=1.5), lambda x, g: blur(x, 1.5, g)),
        (dict(cutout=3), lambda x, g: cutout(x, 3, g)),
        (dict(noise=0.1), lambda x, g: noise(x, 0.1, g)),
        (dict(crop=(0.3, 1), flip=True), lambda x, g: flip(random_resized_crop(x, (0.3, 1), g), g)),
        (
            dict(colour=0.5, grey=0.5, blur=1, cutout=4, noise=0.1),
            lambda x, g: noise(cutout(blur(greyscale(colour_jitter(x, 0.5, g), 0.5, g), 1, g), 4, g), 0.1, g),
        ),
    ],
)  # fmt: skip
def test_the_steps_of_an_augmentation_are_the_functions(alone, step):
    nothing = dict(crop=None, flip=False, colour=0, grey=0)
    x = some(30, 13, 11)
    view = Augmentation(**{**nothing, **alone})(x, seeded(1))
    torch.testing.assert_close(view, step(x, seeded(1)), rtol=0, atol=2e-5)


@pytest.mark.parametrize("size", [5, 12, 20])
def test_views_may_have_another_size_than_the_pictures(size):
    x = some(3, 12, 15)
    assert Augmentation(size=size, distort=0.02, cutout=2)(x, seeded()).shape == (3, 3, size, size)
    resized = Augmentation(crop=None, flip=False, colour=0, grey=0, size=size)(x)
    expected = F.interpolate(x, (size, size), mode="bilinear", align_corners=False)
    torch.testing.assert_close(resized, expected, rtol=0, atol=1e-5)


def test_a_turned_crop_shows_what_lies_beside_it():
    """One after the other, the turn would have to make up the corners that the crop had cut away."""
    x = maps(100, 60, 60)
    both = Augmentation(crop=(0.2, 0.2), flip=False, colour=0, grey=0, rotate=45)
    where = both(x, seeded(2))
    places = where[:, :2].flatten(1)
    inside = where[(places.amin(dim=1) > 0.05) & (places.amax(dim=1) < 0.95)]
    assert len(inside) > 10  # whole views that come from within the picture
    step_right, step_down = inside[:, :2].diff(dim=3), inside[:, :2].diff(dim=2)
    for step in (step_right, step_down):  # the same everywhere: no mirror
        torch.testing.assert_close(step, step[:, :, :1, :1].expand_as(step), rtol=0, atol=1e-9)


def test_the_names_of_the_steps_and_leaving_some_out():
    augment = Augmentation(rotate=10, noise=0.1)
    assert augment.steps() == ("crop", "flip", "rotate", "colour", "grey", "noise")
    assert augment.without("crop", "grey").steps() == ("flip", "rotate", "colour", "noise")
    assert augment.without() == augment
    nothing = augment.without(*augment.steps())
    x = some(3)
    assert nothing.steps() == ()
    assert nothing(x) is x
    assert pickle.loads(pickle.dumps(augment)) == augment
    with pytest.raises(ValueError, match="no step 'cutout' to leave out; there are crop, flip"):
        augment.without("cutout")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (lambda x: flip(x[0]), r"\(3, 12, 12\): for one picture use x\[None\]"),
        (lambda x: colour_jitter(x[:, :1]), r"\(N, 3, H, W\), got \(2, 1, 12, 12\)"),
        (lambda x: rotate((255 * x).byte(), 10), r"uint8: use x.float\(\) / 255"),
        (lambda x: noise(x.numpy(), 0.1), "got ndarray"),
        (lambda x: random_resized_crop(x, (0.9, 0.2)), r"low <= high <= 1, got \(0.9, 0.2\)"),
        (lambda x: random_resized_crop(x, (0, 1)), "0 < low"),
        (lambda x: random_resized_crop(x, (0.5, 1.5)), "high <= 1"),
        (lambda x: colour_jitter(x, 2), "strength must lie between 0 and 1.25, got 2"),
        (lambda x: colour_jitter(x, math.nan), "got nan"),
        (lambda x: greyscale(x, 1.2), "p must lie between 0 and 1, got 1.2"),
        (lambda x: cutout(x, 13), "a square of 13 pixels does not fit into pictures of 12 x 12"),
        (lambda x: cutout(x, -1), "-1"),
        (lambda x: noise(x, -0.1), "std must lie between 0 and inf, got -0.1"),
        (lambda x: blur(x, -1), "sigma"),
        (lambda x: rotate(x, -5), "degrees"),
        (lambda x: distort(x, 3), "strength must lie between 0 and 1, got 3"),
        (lambda x: Augmentation(crop=(0.5, 0.1))(x), "low <= high"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(step, told):
    with pytest.raises(ValueError, match=told):
        step(some(2))
