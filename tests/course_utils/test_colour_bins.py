"""The bins of colour: a fixed grid, soft shares as scipy has them, weights as the formula has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import multivariate_normal
from sklearn.metrics import balanced_accuracy_score

from course_utils.selfsup.colour_bins import ColourBins, balanced_accuracy, from_plane, to_plane
from course_utils.selfsup.colouring import chroma, to_grey


def some(n: int, size: int = 5, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


def test_the_plane_is_the_one_of_jpeg():
    pixels = (some(1, 16) * 255).round() / 255
    image = Image.fromarray((pixels[0] * 255).round().byte().permute(1, 2, 0).numpy())
    planes = np.asarray(image.convert("YCbCr"), dtype=np.float32)[:, :, 1:] - 128
    ours = to_plane(pixels)[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(ours - planes).max() <= 1.01  # Pillow rounds


@settings(deadline=None)
@given(st.integers(0, 99))
def test_a_point_of_the_plane_is_a_chroma_and_back(seed):
    x = some(2, seed=seed)
    torch.testing.assert_close(from_plane(to_plane(x)), chroma(x), atol=1e-5, rtol=0)


def test_the_grid_is_the_same_whenever_it_is_built_and_grey_is_in_its_middle():
    bins = ColourBins()
    assert torch.equal(bins.centres, ColourBins().centres)
    assert len(bins) == 37
    assert bins.centres[bins.grey].tolist() == [0, 0]
    assert bins.centres.norm(dim=1).max() <= bins.radius
    spread = torch.cdist(bins.centres, bins.centres) + 9 * torch.eye(len(bins))
    assert spread.min().item() == pytest.approx(bins.step, abs=1e-6)


@settings(deadline=None)
@given(st.floats(0.04, 0.3), st.integers(0, 9))
def test_soft_shares_are_a_gaussian_over_the_bins(step, seed):
    bins = ColourBins(step=step)
    x = some(1, 2, seed)
    shares = bins.soft(x)[0].flatten(1).T.double().numpy()  # (4, B)
    points = to_plane(x)[0].flatten(1).T.double().numpy()
    for share, point in zip(shares, points, strict=True):
        density = multivariate_normal(point, (step / 2) ** 2).logpdf(bins.centres.double().numpy())
        density = np.exp(density - density.max())
        assert np.allclose(share, density / density.sum(), atol=1e-4)


def test_the_nearest_bin_has_the_largest_share_and_a_bins_own_colour_is_its_own():
    bins = ColourBins()
    x = some(2)
    assert torch.equal(bins.nearest(x), bins.soft(x).argmax(dim=1))
    own = 0.5 + from_plane(bins.centres)[:, :, None, None]  # (B, 3, 1, 1)
    assert bins.nearest(own).flatten().tolist() == list(range(len(bins)))


def test_shares_are_counted_over_all_pixels_of_batches_of_unequal_sizes():
    bins, x = ColourBins(), some(5)
    whole = bins.soft(x).double().mean(dim=(0, 2, 3))
    parts = bins.shares([(x[:3], torch.zeros(3)), (x[3:], torch.zeros(2))])
    torch.testing.assert_close(parts, whole.float())
    assert parts.sum().item() == pytest.approx(1, abs=1e-5)


@settings(deadline=None)
@given(st.floats(0.01, 1), st.integers(0, 99))
def test_rarer_colours_weigh_more_and_the_mean_pixel_weighs_one(mixture, seed):
    bins = ColourBins()
    chance = torch.Generator().manual_seed(seed)
    shares = torch.rand(len(bins), generator=chance) ** 4
    shares /= shares.sum()
    weights = bins.weighted(shares, mixture).weights
    assert (weights * shares).sum().item() == pytest.approx(1, abs=1e-4)
    by_hand = 1 / ((1 - mixture) * shares.double() + mixture / len(bins))
    ratio = weights.double() / by_hand
    assert ratio.std() < 1e-4 * ratio.mean()
    in_order = weights[shares.argsort()]
    assert (in_order.diff() <= 1e-6).all()


def test_the_annealed_mean_goes_from_the_mean_to_the_likeliest_colour():
    bins = ColourBins()
    logits = torch.randn(2, len(bins), 3, 3, generator=torch.Generator().manual_seed(0))
    shares = logits.double().softmax(dim=1).numpy()
    mean = np.einsum("nbhw,bc->nchw", shares, bins.centres.double().numpy())
    torch.testing.assert_close(
        bins.annealed_mean(logits, 1.0), from_plane(torch.from_numpy(mean)).float()
    )
    likeliest = bins.centres[logits.argmax(dim=1)].permute(0, 3, 1, 2)
    torch.testing.assert_close(
        bins.annealed_mean(logits, 1e-4), from_plane(likeliest), atol=1e-5, rtol=0
    )


def test_what_can_not_be_meant_is_refused_with_a_remedy():
    bins = ColourBins()
    with pytest.raises(ValueError, match="step must be above 0, got 0"):
        ColourBins(step=0)
    with pytest.raises(ValueError, match=r"37 numbers above 0.*`ColourBins.weighted`"):
        ColourBins(weights=torch.ones(5))
    with pytest.raises(ValueError, match="mixture must be above 0 and at most 1, got 0"):
        bins.weighted(torch.full((37,), 1 / 37), 0)
    with pytest.raises(ValueError, match="logits for 5 bins, but these are 37"):
        bins.annealed_mean(torch.zeros(1, 5, 2, 2))
    with pytest.raises(ValueError, match="temperature must be above 0, got 0"):
        bins.annealed_mean(torch.zeros(1, 37, 2, 2), 0)


def test_in_the_balanced_accuracy_every_colour_counts_the_same():
    bins = ColourBins()
    x = 0.35 + 0.3 * some(3, 24)
    painted = (x + 0.12 * torch.randn(x.shape, generator=torch.Generator().manual_seed(2))).clamp(
        0, 1
    )
    nearest = bins.nearest(x).flatten().numpy()
    right = ((to_plane(painted) - to_plane(x)).norm(dim=1) <= 0.1).flatten().numpy()
    there, place = np.unique(nearest, return_inverse=True)
    said = np.where(right, nearest, np.roll(there, 1)[place])
    expected = balanced_accuracy_score(nearest, said)
    assert 0.2 < expected < 0.9
    # Half a pixel of all is less than any colour that occurs.
    least = 0.5 / nearest.size
    assert balanced_accuracy(painted, x, bins, least=least) == pytest.approx(expected, abs=1e-5)


def test_grey_is_right_for_grey_alone():
    """Nine tenths of the pixels are grey, and one tenth in two colours: grey has a third right."""
    x = torch.full((1, 3, 10, 10), 0.5)
    x[0, :, 0, :5] = torch.tensor([0.8, 0.4, 0.2])[:, None]
    x[0, :, 0, 5:] = torch.tensor([0.2, 0.4, 0.9])[:, None]
    grey = to_grey(x).expand_as(x)
    assert balanced_accuracy(grey, x, ColourBins()) == pytest.approx(1 / 3)
    assert balanced_accuracy(x, x, ColourBins()) == 1
    # Five pixels of a hundred are too few where a tenth is asked for.
    assert balanced_accuracy(grey, x, ColourBins(), least=0.1) == 1
