"""JPEG without a file: the part of it that loses something, for whole batches on any device.

[1] ITU-T recommendation T.81 (1992), annex K.1: the quantisation tables.
[2] ITU-T recommendation T.871 (2011), section 7: the colours.
The scale of the tables with quality is that of the Independent JPEG Group's library, which Pillow uses.
"""

from __future__ import annotations

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56), (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99), (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99), (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)  # fmt: skip


def jpeg(x: Tensor, quality: float, generator: torch.Generator | None) -> Tensor:
    """Saved as JPEG of `quality` 1 to 100 and read again: blocks of 8 pixels lose their fine waves."""
    h, w = x.shape[-2:]
    pixels = (255 * x).round()
    # Colour is kept at half the resolution, so a block of it covers 16 pixels of the picture.
    padded = F.pad(pixels, (0, -w % 16, 0, -h % 16), mode="replicate")
    luma, chroma = _to_ycc(padded)
    luma = _quantised(luma, _table(LUMA, quality, x))
    chroma = _quantised(F.avg_pool2d(chroma, 2).round(), _table(CHROMA, quality, x))
    chroma = F.interpolate(chroma, scale_factor=2, mode="bilinear", align_corners=False)
    return _to_rgb(luma, chroma)[:, :, :h, :w] / 255


def _to_ycc(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 3, H, W) of 0 to 255 -> brightness (N, 1, H, W) and the two colour differences (N, 2, H, W)."""
    red, green, blue = rgb.unbind(1)
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    cb, cr = 128 + (blue - y) / 1.772, 128 + (red - y) / 1.402
    return y[:, None].round(), torch.stack([cb, cr], 1).round().clamp(0, 255)


def _to_rgb(y: Tensor, chroma: Tensor) -> Tensor:
    y, cb, cr = y[:, 0], chroma[:, 0] - 128, chroma[:, 1] - 128
    green = y - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587
    return torch.stack([y + 1.402 * cr, green, y + 1.772 * cb], 1).round().clamp(0, 255)


def _quantised(plane: Tensor, table: Tensor) -> Tensor:
    """Each block of 8 x 8 as whole multiples of the table's steps in the cosine basis, and back."""
    n, c, h, w = plane.shape
    basis = _cosines(plane.dtype, plane.device)
    blocks = (
        plane.view(n, c, h // 8, 8, w // 8, 8).transpose(3, 4) - 128
    )  # (N, C, rows, columns, 8, 8)
    waves = (basis @ blocks @ basis.T / table).round() * table
    return (basis.T @ waves @ basis + 128).round().clamp(0, 255).transpose(3, 4).reshape(n, c, h, w)


@cache
def _cosines(dtype: torch.dtype, device: torch.device) -> Tensor:
    """The orthonormal cosine transform of 8 values, one wave a row: (8, 8)."""
    wave = torch.arange(8, dtype=torch.float64)
    basis = torch.cos(math.pi / 8 * wave[:, None] * (wave + 0.5)) / 2
    basis[0] /= math.sqrt(2)
    return basis.to(dtype).to(device)  # not every device knows float64


def _table(steps: tuple[tuple[int, ...], ...], quality: float, like: Tensor) -> Tensor:
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    scaled = ((torch.tensor(steps, dtype=torch.float64) * percent + 50) / 100).floor()
    return scaled.clamp(1, 255).to(like.dtype).to(like.device)
