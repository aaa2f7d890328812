"""Digital: what storing, sending and processing a picture does to it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from . import draws
from .blur import displaced, side_of
from .colour import saturation_of, with_saturation

WAVES = 5  # bumps of an elastic deformation a side


def contrast(x: Tensor, left: float, generator: torch.Generator | None) -> Tensor:
    """Each channel drawn together about its mean; `left` is the part of the contrast that stays."""
    mean = x.mean(dim=(2, 3), keepdim=True)
    return mean + left * (x - mean)


def saturate(x: Tensor, factor: float, generator: torch.Generator | None) -> Tensor:
    """The saturation of each colour multiplied, up to the purest colour there is."""
    return with_saturation(x, (factor * saturation_of(x)).clamp_max(1))


def elastic(x: Tensor, strength: float, generator: torch.Generator | None) -> Tensor:
    """A rubber sheet pulled about: smooth random shifts, typically `strength` of the picture's side."""
    shift = draws.smooth(WAVES, 2, x, generator)
    return displaced(x, strength * side_of(x) * shift)


def pixelate(x: Tensor, coarser: float, generator: torch.Generator | None) -> Tensor:
    """Stored with fewer pixels: blocks of their mean colour, one pixel and `coarser` sides long."""
    block = 1 + coarser * side_of(x)
    rows, columns = (_blocks(length, block, x) for length in x.shape[-2:])
    return rows @ x @ columns.T


def _blocks(length: int, block: float, like: Tensor) -> Tensor:
    """What each of `length` pixels takes from each other where blocks are averaged: (length, length).

    Blocks need not end where a pixel does: a pixel on the border is a part of both.
    """
    pixel = torch.arange(length, dtype=like.dtype, device=like.device)[:, None]
    first = torch.arange(math.ceil(length / block), dtype=like.dtype, device=like.device) * block
    share = (torch.minimum(pixel + 1, first + block) - torch.maximum(pixel, first)).clamp_min(0)
    return share / share.sum(dim=0) @ share.T
