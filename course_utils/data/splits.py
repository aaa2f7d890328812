"""Holding pictures out of a training set, every class in its proportion, by a fixed seed."""

from __future__ import annotations

import torch
from torch import Tensor

SEED = 3485


def hold_out(labels: Tensor, quota: Tensor, seed: int = SEED) -> tuple[Tensor, Tensor]:
    """Draws `quota[c]` pictures of each class c.

    Args:
        labels: (N,) int64 in 0..C-1.
        quota: (C,) int64, at most the class's count.
        seed: of the draw.

    Returns:
        (indices kept, indices held out), int64, ascending, together 0..N-1.
    """
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    held = torch.zeros(len(labels), dtype=torch.bool)
    for label, count in enumerate(quota.tolist()):
        held[order[labels[order] == label][:count]] = True
    return torch.nonzero(~held).flatten(), torch.nonzero(held).flatten()


def proportional(counts: Tensor, total: int) -> Tensor:
    """(C,) int64 that sum to `total`, as near to the proportions of `counts` as whole numbers can be."""
    exact = counts.double() * total / counts.sum()
    quota = exact.floor().long()
    missing = total - int(quota.sum())
    largest = (exact - quota).sort(descending=True, stable=True).indices[:missing]
    quota[largest] += 1
    return quota
