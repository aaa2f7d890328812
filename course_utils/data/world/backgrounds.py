"""What lies behind the thing: a plain tone with weak noise, or a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from . import noise, palettes
from .palettes import PLAINS
from .scenery import PAINTERS, View

if TYPE_CHECKING:
    from .scenes import Scenes

SCENES: tuple[str, ...] = tuple(PAINTERS)
BACKGROUNDS: tuple[str, ...] = PLAINS + SCENES


def backdrop(scenes: Scenes, x: Tensor, y: Tensor, key: Tensor) -> Tensor:
    """The backgrounds alone: (N, 3, H, W) float32 in [0, 1] on the key's device.

    Args:
        scenes: only their keys and backgrounds count.
        x, y: (1, 1, W) and (1, H, 1), the picture's coordinates in [-1, 1], y down.
        key: the scenes' keys, on the device to draw on.
    """
    size = x.shape[-1]
    rgb = torch.empty(len(scenes), 3, size, size, device=key.device)
    plain = len(PLAINS)
    # All plain ones are painted alike and so at once; each scene has a painter of its own.
    for kind in scenes.background.clamp(min=plain - 1).unique().tolist():
        rows = (scenes.background.clamp(min=plain - 1) == kind).nonzero()[:, 0]
        at = rows.to(key.device)
        if kind < plain:
            rgb[at] = _plain(scenes[rows], key[at], size)
        else:
            rgb[at] = PAINTERS[BACKGROUNDS[kind]](View(scenes.key[rows], x, y)).clamp_(0, 1)
    return rgb


def _plain(scenes: Scenes, key: Tensor, size: int) -> Tensor:
    """Noise of several octaves between two close tones."""
    light, deep = (
        tone.to(key.device)[:, :, None, None]
        for tone in palettes.of_plains(scenes.key, scenes.background)
    )
    wander = noise.fractal(key, "clouds", size)[:, None]
    return light + (deep - light) * (0.5 + 0.5 * wander).clamp_(0, 1)
