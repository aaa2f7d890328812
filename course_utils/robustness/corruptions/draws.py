"""The random numbers of the corruptions: drawn where the generator lives, one set for each image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def uniform(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Uniform in [0, 1), in the dtype and on the device of `like`."""
    return _drawn(torch.rand, shape, like, generator)


def normal(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Standard normal, in the dtype and on the device of `like`."""
    return _drawn(torch.randn, shape, like, generator)


def poisson(rate: Tensor, generator: torch.Generator | None) -> Tensor:
    """A count for each rate."""
    return torch.poisson(rate.to(_home(generator)), generator=generator).to(rate.device)


def smooth(cells: int, channels: int, like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Smooth random fields of unit variance, `cells` bumps a side whatever the picture's size.

    Cubic B-splines through normal noise on a lattice: (N, channels, H, W).
    """
    n, _, h, w = like.shape
    lattice = normal((n, channels, cells + 3, cells + 3), like, generator)
    rows, columns = (_splines(cells, length, like) for length in (h, w))
    return rows @ lattice @ columns.T


def clouds(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Four octaves of smooth noise, each half as strong and half as large: (N, 1, H, W) in [0, 1]."""
    field = torch.zeros_like(like[:, :1])
    for octave in range(4):
        field = field + smooth(2 * 2**octave, 1, like, generator) * 0.5**octave
    return torch.sigmoid(1.6 * field)


def _splines(cells: int, length: int, like: Tensor) -> Tensor:
    """The weight of each lattice point at each of `length` places, squares of a row summing to 1."""
    place = (torch.arange(length, dtype=like.dtype, device=like.device) + 0.5) * (cells / length)
    point = torch.arange(-1, cells + 2, dtype=like.dtype, device=like.device)
    far = (place[:, None] - point).abs()  # (length, cells + 3)
    near = (4 - 6 * far**2 + 3 * far**3).where(far < 1, (2 - far).clamp_min(0) ** 3)
    return near / near.norm(dim=1, keepdim=True)


def _drawn(
    sample: Callable[..., Tensor],
    shape: Sequence[int],
    like: Tensor,
    generator: torch.Generator | None,
) -> Tensor:
    # By default on the CPU, so that a seed means the same on every device.
    drawn = sample(tuple(shape), generator=generator, dtype=like.dtype, device=_home(generator))
    return drawn.to(like.device)


def _home(generator: torch.Generator | None) -> torch.device:
    return torch.device("cpu") if generator is None else generator.device
