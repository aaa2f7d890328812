"""The clips: smooth motion, masks that tell the truth, and colours that grey alone does not give away."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.clips import GROUNDS, Clips, clips, draw, sample_motions
from course_utils.data.clips.drawing import _luma
from course_utils.data.clips.motion import REACH
from course_utils.data.errors import DatasetError
from course_utils.data.world import BACKGROUNDS, CLASSES, COLOURS, SCENES, silhouette

LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
seeds = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def shown():
    """Some clips and what moves in them."""
    return Clips(clips(24, 11)), sample_motions(24, 11)


def grey(pictures):
    return (pictures * LUMA).sum(-3, keepdim=True)


def rms(difference):
    return float(difference.square().mean().sqrt())


# ---- the same for everyone ---------------------------------------------------------------------


def test_a_clip_depends_on_the_seed_and_its_number_alone():
    many = clips(40, 7, 24)
    for n in (1, 7):
        few = clips(n, 7, 24)
        assert torch.equal(few.pixels, many.pixels[: 8 * n])
        assert torch.equal(few.labels, many.labels[: 8 * n])
        assert torch.equal(few.attributes["thing"], many.attributes["thing"][: 8 * n])


@pytest.mark.parametrize("shape", [(40, 3, 62, 62), (400, 3, 1, 1)])  # grounds, a thing's colours
def test_brightness_does_not_depend_on_how_many_are_drawn(shape):
    """To the last bit, or a pixel here and there would differ with the number of clips."""
    pictures = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    together = _luma(pictures)
    for n in (1, 3, 7, 33, len(pictures) - 1):
        assert torch.equal(_luma(pictures[:n]), together[:n])
    torch.testing.assert_close(together, grey(pictures)[:, 0].mean((1, 2)))


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_nothing(threads, monkeypatch):
    alone, _ = draw(sample_motions(7, 8), 24)
    monkeypatch.setattr("course_utils.data.clips.splits._AT_ONCE", 2 * 8 * 24 * 24)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        together = clips(7, 8, 24)  # two clips at a time
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert torch.equal(together.pixels, alone)


def test_two_seeds_share_no_clip():
    keys = torch.cat([sample_motions(500, seed).front.key[::8] for seed in range(20)])
    assert len(keys.unique()) == 20 * 500
    assert not torch.equal(clips(1, 0, 16).pixels, clips(1, 1, 16).pixels)


def test_drawing_touches_nobodys_randomness():
    before = torch.random.get_rng_state()
    clips(1, 3, 16)
    assert torch.equal(before, torch.random.get_rng_state())


@settings(max_examples=10, deadline=None)
@given(seed=seeds, n=st.integers(0, 3), frames=st.integers(1, 5))
def test_frames_lie_one_clip_after_another_for_any_seed(seed, n, frames):
    split = clips(n, seed, 8, frames)
    assert len(split) == n * frames
    assert split.attributes["clip"].tolist() == [i for i in range(n) for _ in range(frames)]
    assert split.attributes["time"].tolist() == [*range(frames)] * n
    assert split.attributes["thing"].shape == (n * frames, 8, 8)
    assert len(Clips(split)) == n


# ---- what moves --------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(seed=seeds, frames=st.integers(2, 24))
def test_everything_moves_smoothly_and_at_a_bounded_speed(seed, frames):
    """Over the whole clip: half a turn of the head at most, and never faster than 1.35 times the mean."""
    motions = sample_motions(4, seed, frames)
    longest = 1.35 / (frames - 1)  # of the whole way, in one step
    for thing in (motions.front, motions.back):
        centre = thing.centre.view(4, frames, 2)
        whole = (centre[:, -1] - centre[:, 0]).norm(dim=1)
        assert (whole > 0.4).all()  # of half sides: 10 of 48 pixels
        assert (whole < 1.08).all()
        steps = centre.diff(dim=1).norm(dim=2)
        assert (steps <= whole[:, None] * longest + 1e-6).all()
        assert (steps.sum(1) <= whole + 1e-5).all()  # a straight way, never back
        assert (thing.tilt.view(4, frames).diff(dim=1).abs() <= 0.7 * longest + 1e-6).all()
        assert (thing.size.log().view(4, frames).diff(dim=1).abs() <= 0.35 * longest + 1e-6).all()
        for same in (thing.label, thing.colour, thing.background, thing.key, thing.light):
            assert (same.view(4, frames) == same.view(4, frames)[:, :1]).all()
    assert (motions.camera.diff(dim=1).norm(dim=2) <= 2 * REACH * longest + 1e-6).all()


def test_things_start_apart_and_stay_in_the_picture():
    motions = sample_motions(500, 1)
    front, back = (thing.centre.view(500, 8, 2) for thing in (motions.front, motions.back))
    assert (front[:, 0] - back[:, 0]).norm(dim=1).min() > 0.75
    assert max(front.norm(dim=2).max(), back.norm(dim=2).max()) < 0.55


def test_the_camera_pans_and_stays_over_its_ground():
    camera = sample_motions(500, 1).camera
    way = (camera[:, -1] - camera[:, 0]).norm(dim=1)
    assert way.min() > 0.19  # 5 pixels of 48
    assert way.max() < 2 * REACH + 1e-6
    assert camera.norm(dim=2).max() < REACH + 1e-6


def test_the_ground_moves_against_the_camera():
    """The same clip, its camera one pixel further right: the ground stands one pixel further left."""
    motions = sample_motions(1, 5, 2, things=1, background="street")
    motions.camera.zero_()
    motions.camera[0, 1, 0] = 3 * 2 / 48
    # The thing leaves its ground free there.
    motions = type(motions)(
        motions.front.with_(centre=(0.8, 0.8), size=0.2), motions.back, motions.two, motions.camera
    )
    pixels, _ = draw(motions, 48)
    still, panned = grey(pixels.float() / 255)[:, 0, 2:20, :]
    assert rms(still[:, 3:30] - panned[:, :27]) < 0.05  # the camera's grain
    assert rms(still[:, 3:30] - panned[:, 3:30]) > 0.08


def test_more_frames_show_the_same_movement_in_smaller_steps():
    coarse, fine = sample_motions(5, 3, 4), sample_motions(5, 3, 7)
    for name in ("centre", "tilt", "size"):
        few = getattr(coarse.front, name).unflatten(0, (5, 4))
        many = getattr(fine.front, name).unflatten(0, (5, 7))
        torch.testing.assert_close(many[:, ::2], few)
    torch.testing.assert_close(fine.camera[:, ::2], coarse.camera)


# ---- what is seen ------------------------------------------------------------------------------


def test_the_mask_is_the_silhouette_of_what_moves(shown):
    films, motions = shown
    front = silhouette(motions.front, 48) > 0.5
    back = (silhouette(motions.back, 48) > 0.5) & motions.two.repeat_interleave(8)[:, None, None]
    assert torch.equal(films.thing.flatten(0, 1), front | back)
    assert (films.thing.float().mean((2, 3)) > 0.01).all()  # never out of the picture


def test_nothing_but_light_and_shadow_changes_outside_the_mask():
    """The same clip with its thing in other colours: only pixels that it covers change hue."""
    motions = sample_motions(3, 2, things=1, background="sea")
    other = type(motions)(
        motions.front.with_(colour="purple"), motions.back, motions.two, motions.camera
    )
    one, mask = draw(motions, 48)
    two, _ = draw(other, 48)
    covered = silhouette(motions.front, 48) > 0
    changed = (one.int() - two.int()).abs().amax(1) > 0
    assert not (changed & ~covered).any()
    assert (changed & mask).sum() > 0.5 * mask.sum()


def test_the_thing_in_front_hides_the_one_behind():
    motions = sample_motions(4, 9, things=2)
    alone = type(motions)(
        motions.front, motions.back, torch.zeros(4, dtype=torch.bool), motions.camera
    )
    surely = silhouette(motions.front, 48) > 0.999
    both, _ = draw(motions, 48)
    only, _ = draw(alone, 48)
    inside = surely[:, None].expand_as(both)
    assert torch.equal(both[inside], only[inside])
    assert not torch.equal(both, only)


def test_two_things_never_share_a_colour_and_all_colours_are_vivid():
    motions = sample_motions(1000, 4)
    assert (motions.front.colour != motions.back.colour).all()
    names = {COLOURS[i] for i in torch.cat([motions.front.colour, motions.back.colour]).tolist()}
    assert names == {"green", "blue", "orange", "red", "teal", "purple", "yellow"}


def test_colour_says_nothing_about_shape():
    motions = sample_motions(7000, 5, 1)
    table = torch.zeros(10, 10)
    table.index_put_((motions.front.label, motions.front.colour), torch.ones(7000), accumulate=True)
    table = table[:, table.sum(0) > 0]
    expected = table.sum(1, keepdim=True) * table.sum(0) / 7000
    chi = float(((table - expected).square() / expected).sum())
    assert chi < 54 + 5 * (2 * 54) ** 0.5  # 9 x 6 degrees of freedom


def test_copying_the_first_frames_colours_is_wrong_by_the_last(shown):
    films, _ = shown
    chroma = films.images - grey(films.images)
    copied = [rms(chroma[:, t] - chroma[:, 0]) for t in range(1, 8)]
    assert copied == sorted(copied)
    assert copied[-1] > 0.9 * rms(chroma[:, -1])  # hardly better than no colour at all


def test_grey_alone_leaves_the_colour_open(shown):
    """The best that matching by grey can do, the mean colour of each grey in the first frame, misses far."""
    films, _ = shown
    chroma = films.images - grey(films.images)
    level = (grey(films.images)[:, :, 0] * 32).long()  # (N, T, H, W)
    guessed = []
    for clip in range(len(films)):
        first = level[clip, 0].flatten()
        total = torch.zeros(33, 3).index_add_(0, first, chroma[clip, 0].flatten(1).T)
        known = total / first.bincount(minlength=33).clamp(min=1)[:, None]
        guessed.append(known[level[clip, -1]].permute(2, 0, 1))
    assert rms(torch.stack(guessed) - chroma[:, -1]) > 0.5 * rms(chroma[:, -1])


def test_things_are_as_bright_as_their_ground(shown):
    films, _ = shown
    luma, thing = grey(films.images)[:, :, 0], films.thing
    things = (luma * thing).sum((1, 2, 3)) / thing.sum((1, 2, 3))
    ground = (luma * ~thing).sum((1, 2, 3)) / (~thing).sum((1, 2, 3))
    assert (things - ground).abs().mean() < 0.08


def test_grain_is_new_in_each_frame():
    """A clip in which nothing moves still flickers, as a camera's film does."""
    motions = sample_motions(1, 0, 2, things=1, background="sand")
    still = type(motions)(
        motions.front[[0, 0]], motions.back[[0, 0]], motions.two, motions.camera * 0
    )
    one, two = draw(still, 24)[0].int()
    apart = (one - two).abs().float()
    assert 0.5 < apart.mean() < 12


# ---- choices -----------------------------------------------------------------------------------


def test_things_labels_and_ground_can_be_asked_for():
    motions = sample_motions(40, 0)
    assert motions.two.any()
    assert not motions.two.all()
    assert not sample_motions(40, 0, things=1).two.any()
    assert sample_motions(40, 0, things=2).two.all()
    split = clips(2, 0, 16, labels=["cat", 3])
    assert split.labels.tolist() == [CLASSES.index("cat")] * 8 + [3] * 8
    night = sample_motions(5, 0, background="night").front.background
    assert (night == BACKGROUNDS.index("night")).all()


def test_classes_and_grounds_come_as_promised():
    motions = sample_motions(3000, 6, 1)
    assert motions.front.label.bincount(minlength=10).min() > 230
    scenes = [BACKGROUNDS.index(name) for name in SCENES]
    share = torch.isin(motions.front.background, torch.tensor(scenes)).float().mean()
    assert set(GROUNDS) == set(BACKGROUNDS)
    assert abs(float(share) - 2 / 3) < 0.05
    assert abs(float(motions.two.float().mean()) - 2 / 3) < 0.05


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"size": 4}, "size = 4 must be a whole number of pixels from 8"),
        ({"size": -1}, "size = -1"),
        ({"size": 48.5}, r"size = 48\.5"),
        ({"frames": 0}, "frames = 0 must be a whole number from 1"),
        ({"frames": 2.5}, r"frames = 2\.5"),
        ({"things": 3}, "things = 3 must be a whole number from 1 to 2"),
        ({"background": "moon"}, "no background 'moon'"),
        ({"labels": "unicorn"}, "no label 'unicorn'"),
        ({"labels": [1, 2]}, "2 labels for 3 pictures"),
        ({"n": -1}, "n = -1"),
        ({"seed": 0.5}, r"seed = 0\.5"),
    ],
)
def test_what_cannot_be_drawn_is_named(asked, says):
    with pytest.raises(DatasetError, match=says):
        clips(**{"n": 3, "seed": 0} | asked)
