"""What the road signs promise: plates, poses, and pictures that obey perspective."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.errors import DatasetError
from course_utils.data.signs import (
    BACKGROUNDS,
    CLASSES,
    RANGES,
    frontal,
    plate,
    sample_poses,
    scenery,
    stickers,
    view,
    viewer,
)

WHITE = torch.ones(3, 96, 96)
WHOLE = torch.ones(1, 96, 96)


def bare(n: int = 1, **changes):
    """Frontal poses at which a plate fills half the picture, in even white light from the camera's side."""
    return frontal(n, distance=2.0, **changes)


def black_behind(n: int, size: int) -> torch.Tensor:
    return torch.zeros(n, 3, size, size)


# ---- plates ----------------------------------------------------------------------------------


def test_ten_signs_with_a_stop_sign_speed_limits_and_turtles():
    assert len(set(CLASSES)) == 10
    assert {"stop", "turtles", "speed limit 30", "speed limit 50", "speed limit 80"} <= set(CLASSES)


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("size", [24, 33, 96])
def test_a_plate_is_paint_and_outline(label, size):
    texture, alpha = plate(label, size)
    assert texture.shape == (3, size, size)
    assert alpha.shape == (1, size, size)
    for part in (texture, alpha):
        assert 0 <= part.min() <= part.max() <= 1
    assert 0.3 < alpha.mean() < 0.95
    assert alpha[:, 0, 0] == 0  # no sign is a full square


def test_no_two_plates_look_alike():
    seen = [texture * alpha for texture, alpha in map(plate, CLASSES)]
    apart = [(a - b).abs().mean() for i, a in enumerate(seen) for b in seen[:i]]
    assert min(apart) > 0.01


def test_painting_on_a_plate_leaves_the_next_one_clean():
    texture, alpha = plate("stop")
    clean = texture.clone()
    texture.zero_()
    alpha.zero_()
    again, outline = plate("stop")
    assert torch.equal(again, clean)
    assert outline.max() == 1


@pytest.mark.parametrize("label", CLASSES)
def test_stickers_are_two_bars_of_less_than_a_fifth_on_the_plate(label):
    mask, (_, alpha) = stickers(label), plate(label)
    assert mask.shape == (1, 96, 96)
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert (alpha[mask.bool()] > 0.99).all()
    assert 0.1 < mask.sum() / alpha.sum() < 0.2
    rows = mask[0].amax(1)
    assert int((rows.diff() > 0).sum()) == 2  # two bars, one above the other


@pytest.mark.parametrize("label", ["halt", "", 10, -1])
def test_an_unknown_sign_is_answered_with_the_list(label):
    with pytest.raises(ValueError, match=r"no sign .*0 stop.*9 turtles"):
        plate(label)


@pytest.mark.parametrize("size", [15, 0, 48.5, True])
def test_a_plate_too_small_to_see_is_named(size):
    with pytest.raises(DatasetError, match=f"size = {size!r}"):
        plate("stop", size)


# ---- poses -----------------------------------------------------------------------------------


def test_a_pose_depends_on_the_seed_and_its_index_alone():
    few, many = sample_poses(5, 3), sample_poses(50, 3)
    for name in vars(few):
        assert torch.equal(getattr(few, name), getattr(many[:5], name))
    assert not set(sample_poses(500, 4).key.tolist()) & set(sample_poses(500, 3).key.tolist())


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(-(2**70), 2**70))
def test_poses_keep_to_their_ranges_and_the_plate_to_the_picture(seed):
    poses = sample_poses(200, seed)
    for name, (low, high) in RANGES.items():
        values = getattr(poses, name)
        assert low <= values.min()
        assert values.max() <= high
    assert (poses.shift.abs() <= (1 - 1 / poses.distance)[:, None]).all()
    assert 0 <= poses.background.min() <= poses.background.max() < len(BACKGROUNDS)


def test_a_fixed_quantity_leaves_the_others_alone():
    free, held = sample_poses(20, 1), sample_poses(20, 1, yaw=0.3, background="sea")
    assert (held.yaw == 0.3).all()
    assert (held.background == BACKGROUNDS.index("sea")).all()
    for name in ("pitch", "roll", "distance", "shift", "exposure", "light", "warmth", "key"):
        assert torch.equal(getattr(free, name), getattr(held, name))


def test_a_generator_gives_new_poses_each_time_and_the_same_ones_again():
    one, other = (torch.Generator().manual_seed(0) for _ in range(2))
    first, second = sample_poses(4, one), sample_poses(4, one)
    assert not torch.equal(first.yaw, second.yaw)
    assert torch.equal(first.yaw, sample_poses(4, other).yaw)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"yaw": 2.0}, "yaw from 2 to 2 must lie between"),
        ({"yaw": (0.5, 0.1)}, "low first"),
        ({"distance": (0.1, 2.0)}, "distance from 0.1"),
        ({"background": "moon"}, "'moon'.*street"),
    ],
)
def test_a_pose_that_cannot_be_is_named(asked, says):
    with pytest.raises(DatasetError, match=says):
        sample_poses(3, 0, **asked)
    with pytest.raises(DatasetError, match="n = -1"):
        sample_poses(-1, 0)


def test_with_changes_what_it_is_told_and_refuses_what_it_does_not_know():
    poses = sample_poses(3, 0)
    turned = poses.with_(yaw=[0.1, 0.2, 0.3], background="night")
    assert turned.yaw.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert torch.equal(turned.pitch, poses.pitch)
    with pytest.raises(DatasetError, match="no 'jaw'"):
        poses.with_(jaw=1.0)
    with pytest.raises(DatasetError, match="shape"):
        poses.with_(yaw=[0.1, 0.2])
    with pytest.raises(DatasetError, match="yaw from 9"):
        poses.with_(yaw=9.0)


# ---- pictures --------------------------------------------------------------------------------


def projected(u: float, v: float, pose) -> tuple[float, float]:
    """Where the plate's point (u, v) is seen, step by step as a textbook turns and projects it."""
    yaw, pitch, roll = (float(getattr(pose, name)) for name in ("yaw", "pitch", "roll"))
    x, y, z = u * math.cos(roll) - v * math.sin(roll), u * math.sin(roll) + v * math.cos(roll), 0.0
    y, z = y * math.cos(pitch) - z * math.sin(pitch), -y * math.sin(pitch) + z * math.cos(pitch)
    x, z = x * math.cos(yaw) - z * math.sin(yaw), x * math.sin(yaw) + z * math.cos(yaw)
    distance, focal = float(pose.distance), 2.5
    sx, sy = pose.shift[0].tolist()
    depth = focal * distance + z
    return focal * (x + sx * distance) / depth, focal * (y + sy * distance) / depth


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_a_spot_on_the_plate_is_seen_where_perspective_puts_it(seed):
    pose = sample_poses(1, seed, exposure=1.0, distance=(1.1, 1.6))
    row, column, size = 30, 66, 192
    spot = torch.zeros(3, 96, 96)
    spot[:, row - 3 : row + 3, column - 3 : column + 3] = 1
    behind = black_behind(1, size)
    with_it, without = (view(t, WHOLE, pose, size, behind=behind) for t in (spot, 0 * spot))
    seen = (with_it - without)[0].mean(0)  # the post is in both
    place = (torch.arange(size) + 0.5) * 2 / size - 1
    found = ((seen.sum(0) @ place) / seen.sum(), (seen.sum(1) @ place) / seen.sum())
    expected = projected(column / 48 - 1, row / 48 - 1, pose)
    assert math.dist(found, expected) < 1.5 * 2 / size  # a pixel and a half


def test_a_plate_looks_one_over_its_distance_wide():
    for distance in (1.25, 2.0, 4.0):
        pose = frontal(1, distance=distance)
        seen = view(WHITE, WHOLE, pose, 96, behind=black_behind(1, 96))[0].mean(0)
        width = (seen[48] > 0.5).sum()
        assert abs(float(width) - 96 / distance) <= 1.5


def test_the_edge_turned_away_looks_shorter_and_darker_light_is_darker():
    turned = view(WHITE, WHOLE, frontal(1, yaw=0.9), 96, behind=black_behind(1, 96))[0].mean(0)
    tall = (turned > 0.3).sum(0)
    columns = tall.nonzero()[:, 0]
    assert tall[columns[2]] > tall[columns[-3]] + 8  # yaw > 0: the right edge is the far one
    day, dusk = (view(*plate("stop"), frontal(1, exposure=e)) for e in (1.0, 0.5))
    assert dusk.mean() < 0.6 * day.mean()


def test_a_far_sign_is_the_average_of_its_paint_not_some_of_its_dots():
    checks = ((torch.arange(96)[:, None] + torch.arange(96)) % 2).float().expand(3, 96, 96)
    grey = torch.full((3, 96, 96), 0.5)
    pose = frontal(1, distance=2.5)
    a, b = (view(t, WHOLE, pose, 48, behind=black_behind(1, 48)) for t in (checks, grey))
    assert (a - b).abs().max() < 0.02


def test_paint_outside_the_outline_is_never_seen():
    texture, alpha = plate("stop")
    poses = sample_poses(4, 0)
    other = torch.where(alpha == 0, 1 - texture, texture)
    assert torch.equal(view(texture, alpha, poses), view(other, alpha, poses))


def test_the_gradient_reaches_the_paint_and_agrees_with_differences():
    texture, alpha = (part.double() for part in plate("turtles", 32))
    poses = sample_poses(3, 1, exposure=0.8)
    behind = scenery(poses, 16).double()

    def seen(t: torch.Tensor) -> torch.Tensor:
        return view(t, alpha, poses, 16, behind=behind).square().sum()

    texture = texture * 0.8 + 0.1  # away from the clamp
    direction = torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    leaf = texture.clone().requires_grad_()
    seen(leaf).backward()
    h = 1e-4
    measured = (seen(texture + h * direction) - seen(texture - h * direction)) / (2 * h)
    assert (leaf.grad * direction).sum() == pytest.approx(float(measured), rel=1e-3)


def test_a_picture_does_not_depend_on_the_others():
    poses = sample_poses(12, 5)
    among = view(*plate("turtles"), poses)
    alone = torch.cat([view(*plate("turtles"), poses[i]) for i in range(12)])
    assert torch.allclose(among, alone, atol=1e-6)


def test_painted_scenery_handed_in_is_the_scenery_drawn():
    poses = sample_poses(6, 2)
    handed = view(*plate("stop"), poses, behind=scenery(poses, 48))
    assert torch.equal(handed, view(*plate("stop"), poses))


@pytest.mark.parametrize("size", [8, 31, 48, 97])
def test_any_size(size):
    seen = view(*plate("stop"), sample_poses(3, 0), size)
    assert seen.shape == (3, 3, size, size)
    assert 0 <= seen.min() <= seen.max() <= 1


def test_shapes_that_do_not_fit_are_named():
    texture, alpha = plate("stop")
    poses = sample_poses(2, 0)
    with pytest.raises(DatasetError, match=r"\(3, 96, 96\) and alpha \(1, 48, 48\)"):
        view(texture, plate("stop", 48)[1], poses)
    with pytest.raises(DatasetError, match="size = 4"):
        view(texture, alpha, poses, 4)
    with pytest.raises(DatasetError, match="behind"):
        view(texture, alpha, poses, behind=torch.zeros(1, 3, 48, 48))


def test_a_viewer_draws_new_views_from_the_generator_within_its_ranges():
    texture, alpha = plate("stop")
    views = viewer(alpha, size=24, places=8, yaw=0.0)
    generator = torch.Generator().manual_seed(1)
    first, second = views(texture, 5, generator), views(texture, 5, generator)
    assert first.shape == (5, 3, 24, 24)
    assert not torch.equal(first, second)
    assert torch.equal(first, views(texture, 5, torch.Generator().manual_seed(1)))
    assert not torch.equal(views(texture, 2, None), views(texture, 2, None))
