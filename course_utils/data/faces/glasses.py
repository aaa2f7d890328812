"""The glasses: where their frame is, and how a printed one is put on a face that moves.

Sharif, Bhagavatula, Bauer, Reiter: Accessorize to a crime, CCS 2016, section 4.2: what a person can
put on without being stopped at the door.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import DatasetError
from ..options import size_option
from ..world.sdf import both, box, segment, union, without
from .features import EYES
from .portraits import POSE, SCALE
from .sitter import DEPTH, feature_place, head_place


def frame(x: Tensor, y: Tensor) -> Tensor:
    """Signed distance to the frame in the features' coordinates: two rims, a bridge, two arms."""
    lens_x, lens_y, rim = 0.34, EYES - 0.02, 0.15
    whole = box(x.abs(), y, lens_x, lens_y, 0.35, 0.32, 0.16)
    hole = box(x.abs(), y, lens_x, lens_y, 0.35 - rim, 0.32 - rim, 0.10)
    bridge = both(box(x, y, 0.0, EYES + 0.04, 0.12, 0.045, 0.02))
    arms = segment(x.abs(), y, 0.60, EYES + 0.10, 0.80, EYES + 0.12, 0.045, 0.8)
    return union(without(whole, hole), bridge, arms)


def eyeglasses(size: int) -> Tensor:
    """(1, size, size) float32: 1 where the frame of glasses is on an aligned face, 0 elsewhere.

    An aligned face looks straight at the camera from the middle of the picture
    (`Portraits.aligned`).

    Raises:
        DatasetError: (a ValueError) size is too small or no whole number.
    """
    size = size_option(size, size)
    x, y = _pixels(size)
    one = torch.ones(1)
    u, v = head_place(x, y, torch.zeros(1, 2), torch.zeros(1), one * SCALE)
    return (frame(u, v) <= 0).float()


def wear(x: Tensor, texture: Tensor, pose: Tensor) -> Tensor:
    """Puts one printed frame on every face: it follows the pose and is seen by the same camera.

    Args:
        x: (N, 3, H, H) in [0, 1], the pictures.
        texture: (3, S, S) in [0, 1], the colours of the glasses as on an aligned face; only what
            `eyeglasses(S)` covers is seen. Differentiable in it.
        pose: (N, 8), `Portraits.pose` or a split's `attributes["pose"]`.

    Returns:
        (N, 3, H, H); outside the frame each pixel is x's own, bit for bit.

    Raises:
        DatasetError: (a ValueError) shapes that don't fit one another.
    """
    _check(x, texture, pose)
    mask = worn(pose, x.shape[-1]).to(x.dtype)
    grid = _frame_grid(pose, x.shape[-1]).to(x.dtype)
    printed = texture.expand(len(x), *texture.shape)
    seen = F.grid_sample(printed, grid, padding_mode="border", align_corners=False)
    exposure, contrast = (pose[:, k].to(x.dtype)[:, None, None, None] for k in (6, 7))
    seen = camera(seen, exposure, contrast).clamp(0, 1)
    return torch.where(mask > 0, seen, x)


def worn(pose: Tensor, size: int) -> Tensor:
    """(N, 1, size, size) float32: 1 where the frame is on faces of these poses, 0 elsewhere."""
    x, y = _pixels(size, pose.device)
    u, v = _feature_coordinates(pose, x, y)
    return (frame(u, v) <= 0).float()[:, None]


def camera(rgb: Tensor, exposure: Tensor, contrast: Tensor) -> Tensor:
    """What a camera of this exposure and contrast makes of colours, before its grain."""
    return rgb * (exposure * contrast) + (1 - contrast) * 0.55


def _frame_grid(pose: Tensor, size: int) -> Tensor:
    """(N, size, size, 2): for each pixel of the picture its place on the texture, for grid_sample."""
    u, v = _feature_coordinates(pose, *_pixels(size, pose.device))
    return torch.stack([u * SCALE, -v * SCALE], -1)


def _feature_coordinates(pose: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    yaw, pitch = pose[:, 0, None, None], pose[:, 1, None, None]
    u, v = head_place(x, y, pose[:, 3:5], pose[:, 2], pose[:, 5])
    return feature_place(u, v, yaw, pitch, DEPTH)


def _pixels(size: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    place = (torch.arange(size, device=device) + 0.5) * (2 / size) - 1
    return place[None, None, :], place[None, :, None]


def _check(x: Tensor, texture: Tensor, pose: Tensor) -> None:
    if x.ndim != 4 or x.shape[-1] != x.shape[-2]:
        raise DatasetError(f"x must be square pictures (N, 3, H, H), got {tuple(x.shape)}")
    if texture.ndim != 3 or len(texture) != x.shape[1]:
        raise DatasetError(
            f"texture must be ({x.shape[1]}, S, S), one for all faces, got {tuple(texture.shape)}"
        )
    if pose.shape != (len(x), len(POSE)):
        raise DatasetError(
            f"pose must be ({len(x)}, {len(POSE)}), one row a picture "
            f"({', '.join(POSE)}), got {tuple(pose.shape)}"
        )
