"""What every corruption promises, for any picture, size, severity and seed."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.world import world
from course_utils.robustness import CORRUPTIONS, SEVERITIES, corrupt

NAMES = sorted(CORRUPTIONS)
WITHOUT_CHANCE = {
    "defocus_blur", "zoom_blur", "brightness", "contrast", "saturate", "pixelate", "jpeg",
}  # fmt: skip
PICTURES = {size: world(24, seed=11, size=size).images for size in (32, 48, 96)}

names = st.sampled_from(NAMES)
severities = st.sampled_from(SEVERITIES)
seeds = st.integers(0, 2**40)
few = settings(max_examples=40, deadline=None)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def distances(x, name, severity, seed):
    """(N,) how far each picture is from what it was, on average over its values."""
    return (corrupt(x, name, severity, seeded(seed)) - x).abs().mean(dim=(1, 2, 3))


def test_there_are_enough_and_each_is_known_by_its_name():
    assert len(CORRUPTIONS) >= 12
    assert {one.family for one in CORRUPTIONS.values()} == {"noise", "blur", "weather", "digital"}
    for name, one in CORRUPTIONS.items():
        assert one.name == name
        assert len(one.levels) == len(SEVERITIES) == 5
        assert list(one.levels) in (sorted(one.levels), sorted(one.levels, reverse=True))


@few
@given(names, severities, seeds, st.integers(1, 3), st.integers(8, 70), st.integers(8, 70))
def test_a_result_is_a_new_picture_of_the_same_kind(name, severity, seed, n, height, width):
    x = torch.rand(n, 3, height, width, generator=seeded(seed))
    before = x.clone()
    result = corrupt(x, name, severity, seeded(seed))
    assert result.shape == x.shape
    assert result.dtype == x.dtype
    assert result.device == x.device
    assert float(result.min()) >= 0
    assert float(result.max()) <= 1
    assert not result.isnan().any()
    assert torch.equal(x, before)
    assert result.data_ptr() != x.data_ptr()


@few
@given(names, severities, st.sampled_from([torch.float64, torch.float16, torch.bfloat16]))
def test_the_dtype_is_kept_and_half_precision_costs_half_precisions_rounding(name, severity, dtype):
    x = PICTURES[32][:4].to(dtype)
    result = corrupt(x, name, severity, seeded())
    assert result.dtype == dtype
    if dtype != torch.float64:  # which draws other numbers
        exact = corrupt(x.float(), name, severity, seeded())
        assert torch.equal(result, exact.to(dtype))


@few
@given(names, severities, seeds)
def test_a_seed_decides(name, severity, seed):
    x = PICTURES[32][:4]
    result = corrupt(x, name, severity, seeded(seed))
    assert torch.equal(result, corrupt(x, name, severity, seeded(seed)))
    other = corrupt(x, name, severity, seeded(seed + 1))
    assert torch.equal(result, other) == (name in WITHOUT_CHANCE)


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_of_a_batch_has_its_own_draw(name):
    x = PICTURES[48][:1].expand(6, -1, -1, -1)
    results = corrupt(x, name, 3, seeded())
    assert len(results.flatten(1).unique(dim=0)) == (1 if name in WITHOUT_CHANCE else 6)


@few
@given(st.sampled_from(sorted(WITHOUT_CHANCE)), severities)
def test_without_chance_a_picture_does_not_feel_the_others(name, severity):
    x = PICTURES[32][:5]
    alone = torch.cat([corrupt(one[None], name, severity) for one in x])
    # A rounding to the nearest of two steps can fall either way in jpeg.
    far = (corrupt(x, name, severity) - alone).abs() > 1e-5
    assert float(far.float().mean()) < (0.01 if name == "jpeg" else 1e-9)


@settings(max_examples=60, deadline=None)
@given(names, seeds, st.sampled_from([32, 48, 96]))
def test_a_higher_severity_takes_pictures_further(name, seed, size):
    far = [float(distances(PICTURES[size], name, s, seed).mean()) for s in SEVERITIES]
    assert all(less < more for less, more in pairwise(far)), far


@pytest.mark.parametrize("name", NAMES)
def test_even_the_slightest_is_seen_and_the_worst_leaves_something(name):
    x = PICTURES[48]
    assert float(distances(x, name, 1, 0).min()) > 0.3 / 255
    worst = corrupt(x, name, 5, seeded()).flatten(1)
    both = torch.stack([worst - worst.mean(1, True), x.flatten(1) - x.flatten(1).mean(1, True)])
    alike = torch.cosine_similarity(both[0], both[1], dim=1)
    assert float(alike.median()) > 0.3  # of a picture and its worst version


@pytest.mark.parametrize(
    "name", [n for n in NAMES if CORRUPTIONS[n].family in ("blur", "weather")] + ["elastic"]
)
def test_a_severity_means_the_same_at_any_size(name):
    """The same scenes at 48 and at 96 pixels: equally far from what they were, within a third."""
    far = [float(distances(PICTURES[size], name, 3, 0).mean()) for size in (48, 96)]
    assert 0.66 < far[1] / far[0] < 1.5, far


@few
@given(names, severities, st.sampled_from([0.0, 1.0, 0.3]))
def test_an_empty_picture_does_no_harm(name, severity, tone):
    assert not corrupt(torch.full((2, 3, 16, 16), tone), name, severity, seeded()).isnan().any()


@pytest.mark.parametrize("name", NAMES)
def test_severity_nought_is_the_picture_itself(name):
    x = PICTURES[32][:2]
    result = corrupt(x, name, 0)
    assert torch.equal(result, x)
    assert result.data_ptr() != x.data_ptr()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"shot_noise"}))
def test_nothing_is_left_behind_on_another_device(name):
    """The meta device computes no values, but refuses to mix with the CPU as a GPU does."""
    x = torch.empty(2, 3, 48, 48, device="meta")  # shot_noise would have to read it
    assert CORRUPTIONS[name].apply(x, CORRUPTIONS[name].levels[2], None).device.type == "meta"


def test_a_misnamed_one_is_told_the_names():
    with pytest.raises(ValueError, match=r"no corruption 'blur'.*defocus_blur"):
        corrupt(PICTURES[32], "blur", 1)


@pytest.mark.parametrize("severity", [-1, 6, 2.5, 3.0, True, "3"])
def test_a_severity_beyond_the_five_is_refused(severity):
    with pytest.raises(ValueError, match="from 1 to 5"):
        corrupt(PICTURES[32], "fog", severity)


def test_bytes_are_told_how_to_become_floats():
    with pytest.raises(ValueError, match=r"use x.float\(\) / 255"):
        corrupt((255 * PICTURES[32]).byte(), "fog", 1)


def test_a_picture_too_small_to_be_blurred_is_refused():
    with pytest.raises(ValueError, match=r"at least 8 pixels a side.*5 x 9"):
        corrupt(torch.rand(1, 3, 5, 9), "fog", 1)
