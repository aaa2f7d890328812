"""Grey pictures coloured: by regression, which answers the mean, and as a choice among colours, rebalanced."""

from __future__ import annotations

from functools import cache

import torch

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.models import UNet
from course_utils.selfsup.augmentations import flip
from course_utils.selfsup.colour_bins import ColourBins, balanced_accuracy
from course_utils.selfsup.colouring import (
    chroma_error,
    colour,
    colouring,
    rebalanced_colouring,
    saturation,
    to_grey,
)
from course_utils.training import Objective, fit
from recipes.recipe import Recipe, Trained

# Scenes, because meadow and sea can be known from their grey; a thing has its class's own colour more often
# than not, and else any: there is something to know, and something that nobody can know.
COLOUR_CUE, BACKGROUND = 0.6, "scene"
# Of 3e-3 and 1e-2 the rate with the smaller error of the regression on validation pictures, tried in little
# (2,000 pictures, 3 epochs: 9.6 and 9.5 % of the pixel range); the choice among colours is trained alike.
EPOCHS, BATCH_SIZE, LR = 5, 64, 1e-2
COUNTED = 2000  # pictures from which the weights of the colours are counted


@cache
def world() -> Dataset:
    return data.load("world", colour_cue=COLOUR_CUE, background=BACKGROUND)


def unlabelled() -> Split:
    pictures = world().unlabelled
    assert pictures is not None  # asked for with all the world's splits
    return pictures


@cache
def weighted_bins() -> ColourBins:
    """The bins, rare colours weighing more; their share is counted in the training pictures."""
    bins = ColourBins()
    return bins.weighted(bins.shares(unlabelled()[:COUNTED].batches(250)))


def pretrain(
    seed: int,
    objective: Objective,
    bins: ColourBins | None = None,
    *,
    epochs: int = EPOCHS,
    lr: float = LR,
) -> Trained:
    torch.manual_seed(seed)
    model = UNet(1, 3 if bins is None else len(bins))
    history = fit(
        model,
        unlabelled(),
        # Some of them will do: the loss among so many colours takes its time.
        world().validation[:200],
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=lr,
        augment=flip,
        objective=objective,
        seed=seed,
    )
    return Trained(model, history, figures(model, bins))


def figures(model: UNet, bins: ColourBins | None) -> dict[str, float]:
    """What the card says of it, on validation pictures."""
    x = world().validation.images
    coloured = torch.cat([colour(model, to_grey(some), bins) for some in x.split(100)])
    return {
        "error of the chroma, root mean square, validation": chroma_error(coloured, x),
        "the same if everything stays grey": saturation(x),
        "saturation, validation": saturation(coloured),
        "pixels of the right colour, every colour counting the same, validation": balanced_accuracy(
            coloured, x, weighted_bins()
        ),
    }


def mean_colour(seed: int) -> Trained:
    return pretrain(seed, colouring())


def rebalanced(seed: int) -> Trained:
    bins = weighted_bins()
    return pretrain(seed, rebalanced_colouring(bins), bins)


DATA = (
    f'`load("world", colour_cue={COLOUR_CUE:g}, background="{BACKGROUND}").unlabelled`: 8,000 pictures of '
    "48 x 48, their own colours the answer"
)
TRAINING = (
    f"AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}, {EPOCHS} epochs, "
    "half of the pictures mirrored"
)
SOURCES = (
    "selfsup/colouring.py",
    "selfsup/colour_bins.py",
    "selfsup/augmentations.py",
    "models/unet.py",
)

RECIPES = (
    Recipe(
        name="world_colouring",
        purpose="It colours grey pictures, `selfsup.colour(model, selfsup.to_grey(x))`. Trained as a "
        "regression, it answers the mean of the colours that a thing may have.",
        classes=(),
        data=DATA,
        training=f"mean squared error of the chroma; {TRAINING}",
        results="benchmarks/results/beyond.md",
        train=mean_colour,
        returns="chroma (N, 3, H, W), to be added to the grey; it takes grey pictures (N, 1, H, W)",
        sources=SOURCES,
    ),
    Recipe(
        name="world_colouring_rebalanced",
        purpose="It colours grey pictures by choosing among bins of colour, rare colours weighing more in "
        "the loss (Zhang, Isola, Efros 2016, arXiv 1603.08511): `selfsup.colour(model, selfsup.to_grey(x), "
        "selfsup.ColourBins())`.",
        classes=(),
        data=DATA,
        training=f"cross-entropy over {len(ColourBins())} bins of the chroma plane, weighted; {TRAINING}",
        results="benchmarks/results/beyond.md",
        train=rebalanced,
        accuracy="accuracy of the bin, not balanced",
        returns=f"logits (N, {len(ColourBins())}, H, W) of the bins; it takes grey pictures (N, 1, H, W)",
        sources=SOURCES,
    ),
)
