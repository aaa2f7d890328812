"""Smooth random fields: clouds, mottling and grain, each picture its own."""

from __future__ import annotations

import torch
from torch import Tensor

from . import draws


def fractal(key: Tensor, name: str, size: int, cells: tuple[int, ...] = (3, 6, 12, 24)) -> Tensor:
    """Noise of several octaves, roughly in [-1, 1]: (N, size, size) on the key's device.

    Octave i has `cells[i]` cells a side and half the strength of the one before it. Its look
    doesn't depend on `size`: a larger picture shows the same clouds more finely.
    """
    total = torch.zeros(len(key), size, size, device=key.device)
    for octave, count in enumerate(cells):
        total += (
            _smooth(draws.lattice(key, f"{name} {count}", count + 3, count + 3), size) * 0.5**octave
        )
    return total


def _smooth(values: Tensor, size: int) -> Tensor:
    """Uniform cubic B-spline through a lattice (N, L + 3, L + 3): (N, size, size)."""
    place = (torch.arange(size, device=values.device) + 0.5) * ((values.shape[-1] - 3) / size)
    cell = place.floor().long()
    t = place - cell
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    # Gathers and sums, not a matrix product: a product's rounding could change with the batch.
    rows = sum(values.index_select(1, cell + k) * w[:, None] for k, w in enumerate(weights))
    assert isinstance(rows, Tensor)
    smooth = sum(rows.index_select(2, cell + k) * w for k, w in enumerate(weights))
    assert isinstance(smooth, Tensor)
    return smooth * 1.8  # the spline averages neighbours; this gives back their spread
