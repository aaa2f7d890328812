"""The patch: where it lies, which way it is turned, that it stays inside, that it decides the class."""

import cmath
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from course_utils.attacks import paste_patch, patch_success, random_poses, train_patch
from tests.course_utils.small_attacks import in_mixed_states, same, seeded, small_model, state

H = 12


def one(value) -> torch.Tensor:
    return torch.tensor([value], dtype=torch.float32)


def on_patch(row, column, angle, scale, shift) -> complex:
    """Where a pixel's centre lies on the patch: x + iy, y up, the patch from -1 to 1.

    Counter-clockwise by `angle` is a multiplication by e^(i angle) where y points up.
    """
    place = complex((2 * column + 1) / H - 1, -((2 * row + 1) / H - 1))
    centre = complex(shift[0], -shift[1])
    return (place - centre) * cmath.exp(-1j * angle) / scale


def bilinear(picture: np.ndarray, at: complex) -> np.ndarray:
    """(C, s, s) at a place from -1 to 1, black beyond: the four nearest pixels, one by one."""
    size = picture.shape[1]
    x, y = ((1 + at.real) * size - 1) / 2, ((1 - at.imag) * size - 1) / 2
    value = np.zeros(len(picture))
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < size and 0 <= column < size:
                value += (1 - abs(y - row)) * (1 - abs(x - column)) * picture[:, row, column]
    return value


def pasted_slowly(x, patch, angle, scale, shift, shape) -> torch.Tensor:
    """Pixel by pixel, in double precision, without grids."""
    patch, shape = patch.double().numpy(), shape.double().numpy()
    result = x.double().numpy().copy()
    for n in range(len(x)):
        pose = angle[n].item(), scale[n].item(), shift[n].tolist()
        for row in range(H):
            for column in range(H):
                at = on_patch(row, column, *pose)
                covered = bilinear(shape, at)
                result[n, :, row, column] *= 1 - covered
                result[n, :, row, column] += bilinear(patch * shape, at)
    return torch.from_numpy(result)


@settings(deadline=None, max_examples=10)
@given(
    seed=st.integers(0, 2**31),
    angle=st.floats(-7, 7),
    scale=st.floats(0.05, 1.5),
    shift=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    size=st.integers(1, 9),
    sticker=st.booleans(),
)
def test_pasting_agrees_with_a_loop_over_pixels(seed, angle, scale, shift, size, sticker):
    g = seeded(seed)
    x, patch = torch.rand(1, 3, H, H, generator=g), torch.rand(3, size, size, generator=g)
    shape = torch.rand(1, size, size, generator=g).round() if sticker else None
    pose = one(angle), one(scale), torch.tensor([shift])
    expected = pasted_slowly(x, patch, *pose, torch.ones(1, size, size) if shape is None else shape)
    in_double = paste_patch(x.double(), patch.double(), *(p.double() for p in pose), shape=shape)
    torch.testing.assert_close(in_double, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(
        paste_patch(x, patch, *pose, shape=shape).double(), expected, atol=2e-4, rtol=0
    )


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quarter_turns_are_counter_clockwise(quarters):
    patch = torch.rand(3, H, H, generator=seeded(0))
    pasted = paste_patch(
        torch.zeros(1, 3, H, H), patch, one(quarters * math.pi / 2), one(1.0), torch.zeros(1, 2)
    )
    torch.testing.assert_close(pasted[0], patch.rot90(quarters, (1, 2)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("degrees", [30, 75, -50])
def test_any_other_turn_is_that_of_pil(degrees):
    patch = F.interpolate(torch.rand(1, 3, 5, 5, generator=seeded(0)), (20, 20), mode="bilinear")[0]
    pasted = paste_patch(
        torch.zeros(1, 3, 20, 20), patch, one(math.radians(degrees)), one(1.0), torch.zeros(1, 2)
    )[0]
    grey_levels = (patch.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    theirs = Image.fromarray(grey_levels).rotate(degrees, Image.Resampling.BILINEAR)
    theirs = torch.from_numpy(np.asarray(theirs) / 255).permute(2, 0, 1)
    row, column = torch.meshgrid(torch.arange(20), torch.arange(20), indexing="ij")
    inside = (row - 9.5) ** 2 + (column - 9.5) ** 2 < 8**2  # at the edge PIL does not antialias
    assert (pasted - theirs).abs()[:, inside].max() < 2 / 255


@settings(deadline=None, max_examples=15)
@given(
    angle=st.floats(-7, 7),
    scale=st.floats(0.1, 0.4),
    shift=st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
)
def test_a_patch_lies_and_is_as_large_as_it_was_told(angle, scale, shift):
    """White on black: its centre of mass is at shift, its mass is the square's area."""
    pasted = paste_patch(
        torch.zeros(1, 3, 64, 64), torch.ones(3, 16, 16), one(angle), one(scale), torch.tensor([shift])
    )[0, 0].double()  # fmt: skip
    place = (2 * torch.arange(64) + 1) / 64 - 1
    centre = [(pasted.sum(dim) * place).sum() / pasted.sum() for dim in (0, 1)]
    assert centre == [pytest.approx(shift[0], abs=0.01), pytest.approx(shift[1], abs=0.01)]
    assert pasted.mean().item() == pytest.approx(scale**2, abs=0.003 + 0.05 * scale**2)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 2**31),
    angle=st.floats(-7, 7),
    scale=st.floats(0.05, 1.5),
    shift=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    size=st.integers(1, 9),
)
def test_not_a_bit_changes_where_the_patch_does_not_reach(seed, angle, scale, shift, size):
    g = seeded(seed)
    x = torch.rand(1, 3, H, H, generator=g)
    pasted = paste_patch(
        x, torch.rand(3, size, size, generator=g), one(angle), one(scale), torch.tensor([shift])
    )
    # A pixel's bilinear weight reaches half a pixel of the patch beyond its edge.
    reach = 1 + 1 / size + 1e-4
    outside = torch.tensor(
        [
            [max(abs(at.real), abs(at.imag)) > reach for at in row]
            for row in [
                [on_patch(i, j, angle, np.float32(scale), shift) for j in range(H)]
                for i in range(H)
            ]
        ]
    )
    assert torch.equal(pasted[..., outside], x[..., outside])


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**31), size=st.integers(1, 11), black=st.booleans())
def test_pasting_stays_in_0_1_to_the_last_bit(seed, size, black):
    """Also a white patch on a black image, where the weights' rounding errors would show."""
    g = seeded(seed)
    x = torch.zeros(50, 3, 24, 24) if black else torch.rand(50, 3, 24, 24, generator=g).round()
    poses = random_poses(50, g)
    for patch in (torch.ones(3, size, size), torch.zeros(3, size, size)):
        pasted = paste_patch(x, patch, poses.angle, poses.scale, poses.shift)
        assert pasted.min() >= 0
        assert pasted.max() <= 1


def test_a_sticker_covers_where_its_shape_is_1():
    shape = torch.zeros(1, H, H)
    shape[:, :, : H // 2] = 1
    x, patch = torch.rand(1, 3, H, H, generator=seeded(0)), torch.rand(3, H, H, generator=seeded(1))
    pasted = paste_patch(x, patch, one(0.0), one(1.0), torch.zeros(1, 2), shape=shape)
    torch.testing.assert_close(pasted[..., : H // 2], patch[None, ..., : H // 2])
    torch.testing.assert_close(pasted[..., H // 2 :], x[..., H // 2 :])


def test_each_image_has_its_own_pose():
    poses = random_poses(4, seeded(0))
    x, patch = torch.rand(4, 3, H, H), torch.rand(3, 7, 7)
    together = paste_patch(x, patch, poses.angle, poses.scale, poses.shift)
    alone = [
        paste_patch(x[[i]], patch, poses.angle[[i]], poses.scale[[i]], poses.shift[[i]])
        for i in range(4)
    ]
    torch.testing.assert_close(together, torch.cat(alone))


def test_pasting_is_differentiable_in_the_patch_and_writes_into_nothing():
    poses = random_poses(2, seeded(0))
    x = torch.rand(2, 3, H, H, dtype=torch.float64)
    patch = torch.rand(3, 4, 4, dtype=torch.float64, requires_grad=True)
    before = x.clone(), patch.detach().clone()
    where = poses.angle.double(), poses.scale.double(), poses.shift.double()
    assert torch.autograd.gradcheck(lambda p: paste_patch(x, p, *where), patch, fast_mode=True)
    assert torch.equal(x, before[0])
    assert torch.equal(patch.detach(), before[1])


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 2**31),
    scale=st.tuples(st.floats(0.01, 0.7), st.floats(0.01, 0.7)).map(sorted).map(tuple),
)
def test_random_poses_lie_wholly_inside_the_image(seed, scale):
    poses = random_poses(50, seeded(seed), scale=scale)
    assert ((poses.scale >= scale[0] - 1e-6) & (poses.scale <= scale[1] + 1e-6)).all()
    for angle, side, shift in zip(poses.angle, poses.scale, poses.shift, strict=True):
        turn = cmath.exp(1j * angle.item()) * side.item()
        for corner in (1 + 1j, 1 - 1j):  # the others lie opposite
            reach = turn * corner
            assert abs(reach.real) + abs(shift[0].item()) <= 1 + 1e-5
            assert abs(reach.imag) + abs(shift[1].item()) <= 1 + 1e-5


def test_random_poses_are_of_every_angle_size_and_place():
    poses = random_poses(4000, seeded(0), scale=(0.2, 0.3))
    turn = torch.polar(torch.ones(4000), poses.angle)
    assert turn.mean().abs() < 0.05
    assert poses.scale.mean().item() == pytest.approx(0.25, abs=0.003)
    assert (poses.scale.min(), poses.scale.max()) == (
        pytest.approx(0.2, abs=0.001),
        pytest.approx(0.3, abs=0.001),
    )
    assert poses.shift.mean(dim=0).abs().max() < 0.03
    assert poses.shift.amin(dim=0).max() < -0.65
    assert poses.shift.amax(dim=0).min() > 0.65


def test_the_generator_decides_the_poses():
    first, again, other = (random_poses(5, seeded(seed)) for seed in (1, 1, 2))
    for name in ("angle", "scale", "shift"):
        assert torch.equal(getattr(first, name), getattr(again, name))
        assert not torch.equal(getattr(first, name), getattr(other, name))


class Reddest(nn.Module):
    """Class 1 where there is more red than elsewhere in a picture, class 0 where there is not."""

    def forward(self, x):
        redness = (x[:, 0] - x[:, 1:].mean(dim=1)).flatten(1).mean(dim=1)
        return torch.stack([0 * redness, 40 * (redness - 0.03)], dim=1)


def grey(n: int, seed: int) -> list:
    g = seeded(seed)
    pictures = 0.5 + 0.1 * torch.rand(n, 1, H, H, generator=g).expand(-1, 3, -1, -1)
    return [(part, torch.zeros(len(part), dtype=torch.int64)) for part in pictures.split(7)]


def test_a_trained_patch_decides_the_class_of_unseen_images_at_unseen_poses():
    model = Reddest()
    patch = train_patch(
        model, grey(20, 0), 1, size=6, steps=25, lr=0.15, scale=(0.25, 0.3), generator=seeded(0)
    )
    assert patch.shape == (3, 6, 6)
    assert (patch.min() >= 0) & (patch.max() <= 1)
    assert patch[0].mean() > patch[1:].mean() + 0.5
    options = {"scale": (0.25, 0.3), "generator": seeded(1)}
    assert patch_success(model, grey(30, 9), patch, 1, **options) == 1
    assert patch_success(model, grey(30, 9), torch.full((3, 6, 6), 0.5), 1, **options) == 0


def test_success_counts_images_of_other_classes_only():
    """Of ten pictures four are of the target class; the patch reaches the target on all."""
    red = torch.zeros(3, 4, 4)
    red[0] = 1
    x = torch.cat([batch for batch, _ in grey(10, 0)])
    y = torch.tensor([1, 0, 0, 1, 0, 1, 0, 0, 1, 0])
    assert patch_success(Reddest(), [(x, y)], red, 1, scale=(0.4, 0.4)) == 1
    assert patch_success(Reddest(), [(x, y), (x[:1], y[:1])], red, 0, scale=(0.4, 0.4)) == 0
    x[1] = 0
    x[1, 0] = 1  # a red picture of class 0 reads as 1 whatever lies on it
    assert patch_success(Reddest(), [(x, y)], torch.full((3, 4, 4), 0.5), 1) == pytest.approx(1 / 6)


def some_batches():
    x = torch.rand(9, 3, 12, 12, generator=seeded(3))
    return [(x[:4], torch.zeros(4).long()), (x[4:8], torch.ones(4).long()), (x[8:], torch.ones(1).long())]  # fmt: skip


def test_training_goes_round_the_batches_until_its_steps_are_done():
    sizes = []
    train_patch(
        small_model(), iter(some_batches()), 1, size=4, steps=7,
        on_step=lambda i, patch, loss: sizes.append((i, tuple(patch.shape), len(loss))),
    )  # fmt: skip
    assert sizes == [(i, (3, 4, 4), size) for i, size in enumerate([4, 4, 1, 4, 4, 1, 4])]


def test_training_repeats_itself_and_leaves_model_and_images_as_it_found_them():
    model, batches = in_mixed_states(small_model()), some_batches()
    before, images = state(model), [x.clone() for x, _ in batches]
    with torch.inference_mode():
        first = train_patch(model, some_batches(), 1, size=5, steps=3, generator=seeded(0))
    again = train_patch(model, batches, 1, size=5, steps=3, generator=seeded(0))
    assert torch.equal(first, again)
    assert not torch.equal(
        first, train_patch(model, batches, 1, size=5, steps=3, generator=seeded(1))
    )
    patch_success(model, batches, first, 1)
    assert same(before, state(model))
    assert all(torch.equal(x, saved) for (x, _), saved in zip(batches, images, strict=True))
    assert not first.requires_grad
    assert first.grad is None


X, PATCH = torch.rand(2, 3, H, H), torch.rand(3, 5, 5)
POSE = {"angle": torch.zeros(2), "scale": torch.full((2,), 0.3), "shift": torch.zeros(2, 2)}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": torch.rand(2, 3, 12, 18)}, "images must be square, got 12 x 18"),
        ({"x": 255 * X}, "divide by 255"),
        ({"patch": torch.rand(2, 3, 5, 5)}, r"the patch must be one picture \(C, H, W\)"),
        ({"patch": torch.rand(3, 5, 6)}, r"the patch must be \(3, 's', 's'\)"),
        ({"patch": 2 * torch.ones(3, 5, 5)}, r"the patch must lie in \[0, 1\]"),
        ({"shape": torch.ones(1, 6, 6)}, r"the patch's shape must be \(1, 5, 5\), got \(1, 6, 6\)"),
        ({"angle": 0.5}, r"angle must be a tensor \(2,\) for 2 images, got 0.5"),
        ({"shift": torch.zeros(2)}, r"shift must be a tensor \(2, 2\) for 2 images, got \(2,\)"),
        ({"scale": torch.tensor([0.3, 0.0])}, "scale must be above 0, got 0"),
    ],
)
def test_what_cannot_be_pasted_is_refused_in_a_sentence(change, says):
    with pytest.raises(ValueError, match=says):
        paste_patch(**{"x": X, "patch": PATCH} | POSE | change)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: random_poses(3, scale=0.3), r"must be a pair.*use \(0.3, 0.3\)"),
        (lambda: random_poses(3, scale=(0.5, 0.2)), "0 < low <= high"),
        (lambda: random_poses(3, scale=(0.5, 0.8)), "does not fit at every angle: at most 0.707"),
        (lambda: train_patch(small_model(), [], 1), "no images to train the patch on"),
        (lambda: train_patch(small_model(), some_batches(), 7, steps=1), "label 7 is out of range"),
        (lambda: train_patch(small_model(), some_batches(), 1, size=0), "size must be a whole"),
        (
            lambda: patch_success(small_model(), some_batches()[1:], PATCH, 1),
            "has none of another class than 1",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()
