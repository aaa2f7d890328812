"""What augmentation does to colours and detail, beside torchvision, scipy and the distributions it promises."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from scipy.spatial.transform import Rotation

from course_utils import _torchvision
from course_utils.selfsup.augmentations import HUE, LUMA, blur, colour_jitter, greyscale, noise


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some(n: int, side: int = 12) -> torch.Tensor:
    return torch.rand(n, 3, side, side, generator=seeded())


def recovered(x: torch.Tensor, view: torch.Tensor) -> np.ndarray:
    """(N, 4): brightness, contrast, saturation and the hue's turn in radians, from what became of the colours.

    A colour's way is M colour + t; the factors follow from M, t and the mean grey.
    """
    luma, found = np.array(LUMA), []
    for before, after in zip(x.flatten(2).numpy(), view.flatten(2).numpy(), strict=True):
        known = np.vstack([before, np.ones(before.shape[1])]).T
        way = np.linalg.lstsq(known, after.T, rcond=None)[0].T  # (3, 4)
        np.testing.assert_allclose(way @ known.T, after, atol=1e-9)  # it is linear, exactly
        matrix, added = way[:, :3], way[:, 3]
        np.testing.assert_allclose(added, added[0], atol=1e-9)  # what is added is grey
        both = (matrix @ np.ones(3)).mean()  # grey stays grey, times brightness and contrast
        np.testing.assert_allclose(matrix @ np.ones(3), both, atol=1e-9)
        brightness = both + added[0] / (luma @ before.mean(axis=1))
        purest = np.array([1, -1, 0]) - (luma[0] - luma[1])  # a colour whose own grey is 0
        saturation = np.linalg.norm(matrix @ purest) / np.linalg.norm(purest) / both
        saturate = np.tile(luma, (3, 1)) + saturation * (np.eye(3) - luma)
        turn = Rotation.from_matrix(matrix / both @ np.linalg.inv(saturate)).as_rotvec()
        np.testing.assert_allclose(turn, turn.mean(), atol=1e-7)  # about the axis of greys
        found.append((brightness, both / brightness, saturation, turn.sum() / math.sqrt(3)))
    return np.array(found)


def test_colours_change_as_torchvision_changes_them_and_hue_turns_about_the_greys():
    _torchvision.ensure()
    from torchvision.transforms.v2 import functional as TF

    x = 0.4 + 0.2 * torch.rand(50, 3, 6, 6, generator=seeded(), dtype=torch.float64)
    view = colour_jitter(x, 0.6, seeded(1))
    for before, after, factors in zip(x, view, recovered(x, view), strict=True):
        brightness, contrast, saturation, turn = factors
        expected = TF.adjust_contrast(TF.adjust_brightness(before, brightness), contrast)
        expected = TF.adjust_saturation(expected, saturation)
        axis = np.ones(3) / math.sqrt(3)
        turned = Rotation.from_rotvec(turn * axis).apply(expected.flatten(1).T.numpy())
        # torchvision's grey is 0.2989 red where ours is 0.299.
        np.testing.assert_allclose(after.flatten(1).T.numpy(), turned, atol=2e-4)


@pytest.mark.parametrize("strength", [0.2, 0.5])
def test_colour_factors_are_uniform_in_their_ranges_and_independent(strength):
    x = 0.45 + 0.05 * torch.rand(400, 3, 4, 4, generator=seeded(), dtype=torch.float64)
    factors = recovered(x, colour_jitter(x, strength, seeded(2)))
    for values, middle, reach in zip(
        factors.T, (1, 1, 1, 0), (0.5, 0.5, 0.8, 2 * math.pi * HUE), strict=True
    ):
        reach *= strength
        even = stats.uniform(middle - reach, 2 * reach)
        assert (abs(values - middle) <= reach + 1e-6).all()
        assert stats.kstest(values, even.cdf).pvalue > 0.001
    assert abs(np.corrcoef(factors.T) - np.eye(4)).max() < 0.2


def test_no_strength_no_change_of_colour():
    x = some(4)
    torch.testing.assert_close(colour_jitter(x, 0, seeded()), x, rtol=0, atol=1e-6)


def test_a_grey_picture_stays_grey_whatever_the_jitter():
    x = some(8)[:, :1].expand(8, 3, 12, 12)
    view = colour_jitter(x, 1.0, seeded())
    torch.testing.assert_close(view[:, 0], view[:, 1], rtol=0, atol=1e-6)
    torch.testing.assert_close(view[:, 1], view[:, 2], rtol=0, atol=1e-6)


@pytest.mark.parametrize("p", [0, 0.2, 1])
def test_a_share_p_of_the_pictures_loses_its_colours_and_keeps_its_brightness(p):
    x = some(1000, 4)
    view = greyscale(x, p, seeded())
    grey = (view[:, 0] == view[:, 2]).flatten(1).all(dim=1)
    assert abs(int(grey.sum()) - 1000 * p) < (45 if 0 < p < 1 else 1)
    assert torch.equal(view[~grey], x[~grey])
    luma = torch.tensor(LUMA).view(1, 3, 1, 1)
    torch.testing.assert_close((view * luma).sum(1), (x * luma).sum(1), rtol=0, atol=1e-6)


def test_blur_is_scipys_gaussian_of_a_width_uniform_up_to_sigma():
    x = torch.zeros(300, 3, 31, 31, dtype=torch.float64)
    x[:, :, 15, 15] = 1
    views = blur(x, 2.0, seeded())[:, 0].numpy()
    drop = views[:, 15, 16] / views[:, 15, 15]  # exp(-1 / 2 sigma^2), once there is any
    widths = np.sqrt(-0.5 / np.log(drop[drop > 0]))
    assert stats.kstest(widths[widths > 0.5], stats.uniform(0.5, 1.5).cdf).pvalue > 0.001
    for view, width in zip(views[drop > 0], widths, strict=True):
        expected = ndimage.gaussian_filter(x[0, 0].numpy(), width, truncate=4)
        np.testing.assert_allclose(view, expected, atol=1e-3)


def test_blur_leaves_one_colour_as_it_is():
    x = torch.full((4, 3, 5, 9), 0.3)
    torch.testing.assert_close(blur(x, 3, seeded()), x)
    torch.testing.assert_close(blur(some(4), 0, seeded()), some(4))


def test_noise_has_its_standard_deviation_and_is_normal():
    x = torch.full((4, 3, 40, 40), 0.5)
    drawn = (noise(x, 0.08, seeded()) - x).flatten().numpy()
    assert drawn.std() == pytest.approx(0.08, rel=0.02)
    assert stats.kstest(drawn / 0.08, "norm").pvalue > 0.001
