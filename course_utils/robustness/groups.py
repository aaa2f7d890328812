"""Accuracy where it is worst: an average can hide a group that the model fails.

[1] Sagawa, Koh, Hashimoto, Liang: Distributionally robust neural networks for group shifts,
    ICLR 2020, arXiv 1911.08731.
"""

from __future__ import annotations

from torch import Tensor


def worst_group_accuracy(
    predictions: Tensor, labels: Tensor, groups: Tensor
) -> tuple[dict[int, float], float]:
    """Accuracy within each group of images, and the smallest of them [1].

    Args:
        predictions: (N,) int64, the classes that a model named.
        labels: (N,) int64, the true ones.
        groups: (N,) int64, any whole numbers; `data.world.groups` tells class and cue together.

    Returns:
        (group -> accuracy in [0, 1], for the groups that occur, in ascending order; the least of them).

    Raises:
        ValueError: the three are not of one length N > 0.
    """
    shapes = {tuple(values.shape) for values in (predictions, labels, groups)}
    if len(shapes) > 1 or predictions.ndim != 1 or not len(predictions):
        told = ", ".join(str(tuple(values.shape)) for values in (predictions, labels, groups))
        raise ValueError(
            f"predictions, labels and groups must be (N,) with one N of at least 1, got {told}"
        )
    right = (predictions == labels).double().to(groups.device)
    found = {
        int(group): float(right[groups == group].mean()) for group in groups.unique(sorted=True)
    }
    return found, min(found.values())
