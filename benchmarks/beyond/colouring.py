"""Which colours come nearest to the truth: two networks', the mean colour's, or none at all."""

from __future__ import annotations

import torch
from recipes.colouring import unlabelled, weighted_bins, world
from tables import Rows, network
from torch import Tensor

from course_utils.selfsup.colour_bins import balanced_accuracy
from course_utils.selfsup.colouring import chroma, chroma_error, colour, saturation, to_grey

LEVELS = 64  # of grey, each with a mean colour of its own

ABOUT = (
    "Colouring: root mean squared error of the chroma (RGB minus grey) over the test pictures, as a share of "
    "the pixel range; the world has scenes behind its things, and a thing its class's own colour with "
    "probability 0.6, else any of ten. Saturation: the root mean square of the chroma itself, of the truth "
    "last. Balanced accuracy: the share of pixels whose colour is within 0.1 of the true one in the plane of "
    "Cb and Cr, each colour counting the same however rare it is. The mean colours are the training "
    f"pictures', one for all or one for each of {LEVELS} levels of grey."
)


def measure(seed: int) -> Rows:
    """'colouring: who' -> root mean squared error of the chroma, then saturation and balanced accuracy."""
    x = world().test.images
    coloured = versions(to_grey(x), seed)
    bins = weighted_bins()
    rows = {f"colouring: {who}": chroma_error(version, x) for who, version in coloured.items()}
    vivid = {who: saturation(version) for who, version in {**coloured, "the truth": x}.items()}
    rows |= {f"colouring, saturation: {who}": value for who, value in vivid.items()}
    return rows | {
        f"colouring, balanced accuracy: {who}": balanced_accuracy(version, x, bins)
        for who, version in coloured.items()
    }


def versions(grey: Tensor, seed: int) -> dict[str, Tensor]:
    """Grey pictures (N, 1, H, W) coloured in each way: who -> (N, 3, H, W) in [0, 1]."""
    by_grey = mean_chroma_by_grey()
    one = chroma(unlabelled().images).mean(dim=(0, 2, 3)).view(1, 3, 1, 1)
    each = by_grey[level(grey[:, 0])].permute(0, 3, 1, 2)  # (N, 3, H, W)
    mean_colour = network("world_colouring", seed)
    rebalanced = network("world_colouring_rebalanced", seed)
    parts = grey.split(100)
    return {
        "network (mean colour)": torch.cat([colour(mean_colour, some) for some in parts]),
        "network (rebalanced)": torch.cat(
            [colour(rebalanced, some, weighted_bins()) for some in parts]
        ),
        "grey": grey.expand(-1, 3, -1, -1),
        "one mean colour": (grey + one).clamp(0, 1),
        "mean colour of each grey": (grey + each).clamp(0, 1),
    }


def level(grey: Tensor) -> Tensor:
    """Which of the levels of grey a value in [0, 1] is: int64."""
    return (grey * LEVELS).long().clamp(0, LEVELS - 1)


def mean_chroma_by_grey() -> Tensor:
    """The mean chroma of the training pixels of each level of grey: (LEVELS, 3)."""
    total, pixels = torch.zeros(LEVELS, 3), torch.zeros(LEVELS)
    for x, _ in unlabelled().batches(500):
        of = level(to_grey(x)).flatten()
        total.index_add_(0, of, chroma(x).permute(0, 2, 3, 1).reshape(-1, 3))
        pixels += torch.bincount(of, minlength=LEVELS)
    return total / pixels.clamp(min=1)[:, None]
