"""Colouring: grey as the standards have it, a loss that fits its definition, dull means and decided choices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from course_utils.data import Split
from course_utils.data.world import world
from course_utils.models import UNet, zoo
from course_utils.selfsup.colour_bins import ColourBins, balanced_accuracy
from course_utils.selfsup.colouring import (
    chroma,
    chroma_error,
    colour,
    colour_loss,
    colouring,
    rebalanced_colouring,
    saturation,
    to_grey,
)
from course_utils.training import evaluate, fit


def some(n: int, size: int = 6, seed: int = 0, channels: int = 3) -> torch.Tensor:
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(seed))


def test_grey_is_as_pillow_converts_it():
    pixels = (some(1, 16) * 255).round()
    image = Image.fromarray(pixels[0].permute(1, 2, 0).byte().numpy())
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    assert np.abs(to_grey(pixels)[0, 0].numpy() - grey).max() <= 1  # Pillow rounds


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(0, 99))
def test_grey_and_chroma_make_the_picture_and_chroma_has_no_grey(n, seed):
    x = some(n, seed=seed)
    assert to_grey(x).shape == (n, 1, 6, 6)
    torch.testing.assert_close(to_grey(x) + chroma(x), x)
    assert to_grey(chroma(x)).abs().max() < 1e-6


@settings(deadline=None)
@given(st.integers(0, 99))
def test_the_loss_is_the_weighted_mean_of_each_pixels_squared_chroma_error(seed):
    prediction, x, weight = some(2, 3, seed), some(2, 3, seed + 1), some(2, 3, seed + 2, 1)
    total = weights = 0.0
    luma = np.array([0.299, 0.587, 0.114])
    for p, t, w in zip(prediction.double(), x.double(), weight.double(), strict=True):
        for row in range(3):
            for column in range(3):
                a, b = p[:, row, column].numpy(), t[:, row, column].numpy()
                error = (a - a @ luma) - (b - b @ luma)
                total += float(w[0, row, column]) * float(error @ error)
                weights += float(w[0, row, column])
    assert colour_loss(prediction, x, weight).item() == pytest.approx(total / weights, rel=1e-4)


def test_the_loss_does_not_mind_the_predictions_grey_and_has_a_gradient():
    x, weight = some(2), some(2, channels=1)
    assert colour_loss(x + 0.3, x, weight) < 1e-12
    prediction = some(2, seed=5).requires_grad_()
    colour_loss(prediction, x, weight).backward()
    assert prediction.grad is not None
    assert prediction.grad.abs().sum() > 0


def test_where_nothing_weighs_anything_nothing_is_lost():
    assert colour_loss(some(1), some(1, seed=1), torch.zeros(1, 1, 6, 6)) == 0


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"weight \(2, 1, 6, 6\); got .* and \(2, 6, 6\)"):
        colour_loss(some(2), some(2), torch.ones(2, 6, 6))
    with pytest.raises(ValueError, match=r"pictures \(N, 3, H, W\), got \(3, 6, 6\)"):
        to_grey(some(1)[0])
    with pytest.raises(ValueError, match=r"grey must be \(N, 1, H, W\).*to_grey"):
        colour(UNet(1, 3, 4), some(1, 8))
    with pytest.raises(ValueError, match="5 channels, not 3: give the bins"):
        colour(UNet(1, 5, 4), some(1, 8, channels=1))


def test_the_objectives_are_what_they_say_in_eval_mode():
    x, y = some(3, 8), torch.zeros(3)
    torch.manual_seed(0)
    mean, choice = UNet(1, 3, 4).eval(), UNet(1, 37, 4).eval()
    with torch.no_grad():
        says = chroma(mean(to_grey(x))).double()
        error = (says - chroma(x).double()).square().sum(dim=1).mean().item()
        assert colouring()(mean, x, y)["loss"].item() == pytest.approx(error, rel=1e-4)
        bins = ColourBins()
        bins = bins.weighted(bins.shares([(x, y)]))
        target, shares = bins.soft(x).double(), choice(to_grey(x)).double().softmax(dim=1)
        nearest, total, weights = bins.nearest(x), 0.0, 0.0
        for i, row, column in np.ndindex(3, 8, 8):
            w = bins.weights[nearest[i, row, column]].item()
            total -= w * (target[i, :, row, column] * shares[i, :, row, column].log()).sum().item()
            weights += w
        said = rebalanced_colouring(bins)(choice, x, y)
    assert said["loss"].item() == pytest.approx(total / weights, rel=1e-4)
    assert said["accuracy"].item() == pytest.approx(
        (shares.argmax(dim=1) == nearest).double().mean().item()
    )


# Of the same grey: two thirds of the pictures are orange, the others blue.
ORANGE, BLUE = (0.75, 0.45, 0.2), (0.3, 0.53, 0.85)


@pytest.fixture(scope="module")
def ambiguous() -> Split:
    pixels = torch.tensor([ORANGE, ORANGE, BLUE]).repeat(32, 1)[:, :, None, None]
    pixels = (pixels.expand(-1, -1, 8, 8) * 255).round().to(torch.uint8)
    return Split(pixels, torch.full((96,), -1))


def trained(channels: int, objective, split: Split) -> nn.Module:
    """The smallest network that has an answer: it can learn what is true everywhere, and nothing else."""
    model = nn.Conv2d(1, channels, 1)
    fit(
        model, split, epochs=15, batch_size=12, lr=0.1, objective=objective, device="cpu",
        progress=False,
    )  # fmt: skip
    return model


def test_what_has_two_colours_gets_their_mean_from_regression_and_one_of_them_from_the_choice(
    ambiguous,
):
    x = ambiguous.images
    torch.manual_seed(0)
    mean = trained(3, colouring(), ambiguous)
    bins = ColourBins()
    choice = trained(len(bins), rebalanced_colouring(bins), ambiguous)
    dull, decided = (
        colour(model, to_grey(x), *given) for model, given in ((mean, ()), (choice, (bins, 0.2)))
    )
    expected = (2 * chroma(x[:1]) + chroma(x[2:3])) / 3
    torch.testing.assert_close(chroma(dull[:1]), expected.expand_as(dull[:1]), atol=0.04, rtol=0)
    assert saturation(dull) < 0.5 * saturation(x)
    assert saturation(decided) > 0.8 * saturation(x)
    assert chroma_error(decided[:1], x[:1]) < 0.06, "it decides for the frequent one"
    assert chroma_error(dull, x) < chroma_error(decided, x), "and pays for it where it is wrong"


def test_two_evaluations_agree(ambiguous):
    bins = ColourBins()
    model = UNet(1, len(bins), 4)
    said = [evaluate(model, ambiguous, rebalanced_colouring(bins)) for _ in range(2)]
    assert said[0] == said[1]


def test_colouring_keeps_the_grey_and_leaves_the_network_as_it_was():
    torch.manual_seed(0)
    model = UNet(1, 3, 4).train()
    with torch.no_grad():
        for parameter in model.leave.parameters():
            parameter.mul_(0.05)  # faint enough for RGB to hold
    before = {name: value.clone() for name, value in model.state_dict().items()}
    grey = 0.4 + 0.2 * some(2, 8, channels=1)
    painted = colour(model, grey)
    torch.testing.assert_close(to_grey(painted), grey, atol=1e-4, rtol=0)
    assert model.training
    assert not painted.requires_grad
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_error_and_saturation_are_root_mean_squares():
    x = some(2)
    grey = to_grey(x).expand_as(x)
    assert saturation(grey) < 1e-6
    assert chroma_error(x, x) == 0
    assert saturation(x) == pytest.approx(float(np.sqrt((chroma(x).numpy() ** 2).mean())), rel=1e-5)
    assert chroma_error(grey, x) == pytest.approx(saturation(x), rel=1e-4)


def test_the_zoos_networks_are_as_the_lecture_says():
    """Both know more than grey; the mean errs less, the choice is more vivid and knows the rare colours."""
    x = world(60, seed=12, colour_cue=0.6, background="scene").images
    grey, bins = to_grey(x), ColourBins()
    mean = colour(zoo.load("world_colouring"), grey)
    choice = colour(zoo.load("world_colouring_rebalanced"), grey, bins)
    nothing = grey.expand_as(x)
    assert chroma_error(mean, x) < 0.85 * chroma_error(nothing, x)
    assert chroma_error(mean, x) < chroma_error(choice, x) < chroma_error(nothing, x)
    assert saturation(mean) < 0.85 * saturation(x)
    assert saturation(choice) > 0.85 * saturation(x)
    assert balanced_accuracy(choice, x, bins) > balanced_accuracy(mean, x, bins) + 0.03
    assert balanced_accuracy(mean, x, bins) > balanced_accuracy(nothing, x, bins) + 0.05
