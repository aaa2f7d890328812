"""Blur: what a lens, a hand or a movement does. Lengths are fractions of the picture's shorter side."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from . import draws

ZOOM_STEPS = 8


def defocus_blur(x: Tensor, radius: float, generator: torch.Generator | None) -> Tensor:
    """Every point becomes a disc, as where a lens is not in focus; to `radius` comes half a pixel's own."""
    return convolve(x, disc(0.5 + radius * side_of(x), x))


def motion_blur(x: Tensor, length: float, generator: torch.Generator | None) -> Tensor:
    """Every point becomes a streak; each picture moves in its own direction."""
    angle = math.pi * draws.uniform((len(x),), x, generator)
    return convolve(x, streak(length * side_of(x), angle))


def zoom_blur(x: Tensor, zoom: float, generator: torch.Generator | None) -> Tensor:
    """The mean over magnifications from 1 to 1 + `zoom` about the centre: driving fast towards it."""
    total = x.clone()
    for k in range(1, ZOOM_STEPS + 1):
        total += magnified(x, 1 + zoom * k / ZOOM_STEPS)
    return total / (ZOOM_STEPS + 1)


def glass_blur(x: Tensor, reach: float, generator: torch.Generator | None) -> Tensor:
    """Each pixel shows a random place at most `reach` from it, as through frosted glass."""
    n, _, h, w = x.shape
    places = 2 * draws.uniform((n, 2, h, w), x, generator) - 1
    return displaced(x, reach * side_of(x) * places)


def side_of(x: Tensor) -> int:
    return min(x.shape[-2:])


def disc(radius: float, like: Tensor) -> Tensor:
    """A filled circle of `radius` pixels with a soft rim, of sum 1: (1, k, k)."""
    reach = math.ceil(radius + 0.5)
    place = torch.arange(-reach, reach + 1, dtype=like.dtype, device=like.device)
    distance = (place[:, None] ** 2 + place**2).sqrt()
    kernel = (radius + 0.5 - distance).clamp(0, 1)
    return (kernel / kernel.sum())[None]


def streak(length: float, angle: Tensor) -> Tensor:
    """Straight lines of `length` pixels through the middle, of sum 1: angle (N,) in radians -> (N, k, k)."""
    reach = math.ceil(length / 2)
    points = 2 * math.ceil(length) + 1
    along = torch.linspace(-length / 2, length / 2, points, dtype=angle.dtype, device=angle.device)
    place = torch.arange(-reach, reach + 1, dtype=angle.dtype, device=angle.device)  # (k,)

    def share(component: Tensor) -> Tensor:
        """How much of each point falls into each row (or column): (N, points, k), linearly."""
        at = component[:, None] * along  # (N, points)
        return (1 - (at[:, :, None] - place).abs()).clamp_min(0)

    rows, columns = share(-angle.sin()), share(angle.cos())
    return torch.einsum("npi,npj->nij", rows, columns) / points


def convolve(x: Tensor, kernels: Tensor) -> Tensor:
    """Each picture with its kernel (N, k, k), or all with one (1, k, k); the rim mirrors the picture."""
    n, c, h, w = x.shape
    k = kernels.shape[-1]
    padded = F.pad(x, (k // 2,) * 4, mode="reflect")
    # Every plane a channel of one picture: a CPU's convolution is ten times as fast on that as on a batch.
    weight = kernels.expand(n, k, k).repeat_interleave(c, dim=0)[:, None]  # (N C, 1, k, k)
    return F.conv2d(padded.flatten(0, 1)[None], weight, groups=n * c).view(n, c, h, w)


def magnified(x: Tensor, zoom: float) -> Tensor:
    """The middle of each picture, `zoom` times as large, bilinear."""
    rows, columns = (_lens(length, zoom, x) for length in x.shape[-2:])
    return rows @ x @ columns.T


def _lens(length: int, zoom: float, like: Tensor) -> Tensor:
    """What each of `length` magnified pixels takes from each of the old ones: (length, length)."""
    old = torch.arange(length, dtype=like.dtype, device=like.device)
    middle = (length - 1) / 2
    seen = middle + (old - middle) / zoom
    return (1 - (seen[:, None] - old).abs()).clamp_min(0)


def displaced(x: Tensor, shift: Tensor) -> Tensor:
    """Pixel (i, j) shows what is at (j + shift_x, i + shift_y), bilinear; shift (N, 2, H, W) in pixels."""
    n, _, h, w = x.shape
    still = torch.eye(2, 3, dtype=x.dtype, device=x.device).expand(n, 2, 3)
    grid = F.affine_grid(still, list(x.shape), align_corners=False)  # (N, H, W, 2)
    pixel = torch.tensor([2 / w, 2 / h], dtype=x.dtype, device=x.device)
    moved = grid + shift.permute(0, 2, 3, 1) * pixel
    return F.grid_sample(x, moved, padding_mode="reflection", align_corners=False)
