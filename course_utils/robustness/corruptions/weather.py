"""Weather: what comes between the camera and the thing."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from . import draws
from .blur import convolve, side_of, streak
from .colour import with_value

AIR = 0.9  # how bright fog is where one sees nothing else
ICE = (0.86, 0.93, 1.0)
FLAKES = 28  # cells a side in which a flake may lie
FALL = 0.09  # how far a flake falls while the shutter is open, in sides of the picture


def snow(x: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Flakes in flight, slanted in each picture as its wind blows, and a paler picture behind them.

    `amount` runs from 0 (none) to 1 (a blizzard).
    """
    n, _, h, w = x.shape
    chance = draws.uniform((n, 1, FLAKES, FLAKES), x, generator)
    slant = math.pi * (0.5 + 0.3 * (2 * draws.uniform((n,), x, generator) - 1))
    # The same flakes and some more when it snows harder.
    size = ((chance - (1 - 0.35 * amount)) / 0.12).clamp(0, 1)
    flakes = F.interpolate(size, size=(h, w), mode="bilinear", align_corners=False)
    flakes = (2.2 * convolve(flakes, streak(FALL * side_of(x), slant))).clamp(0, 1)
    grey = x.mean(dim=1, keepdim=True)
    paler = torch.lerp(x, torch.maximum(x, 0.45 + 0.5 * grey), 0.7 * amount)
    return torch.lerp(paler, torch.ones_like(x), flakes)


def frost(x: Tensor, cover: float, generator: torch.Generator | None) -> Tensor:
    """Ice that has grown over the pane from its rim, in veins; `cover` is how white the thickest is."""
    veins = (
        1 - (2 * draws.clouds(x, generator) - 1).abs()
    )  # ridges where the clouds cross their mean
    fine = 1 - draws.smooth(16, 1, x, generator).abs().clamp_max(1)
    patches = draws.clouds(x, generator)
    rim = _distance_from_the_centre(x)
    thick = (0.6 * veins**3 + 0.3 * fine + 0.6 * patches + 0.5 * rim - 0.25).clamp(0, 1)
    ice = x.new_tensor(ICE).view(1, 3, 1, 1) * (0.82 + 0.18 * veins)
    return torch.lerp(x, ice.expand_as(x), cover * thick)


def fog(x: Tensor, density: float, generator: torch.Generator | None) -> Tensor:
    """Light that is lost on the way, and the sky's instead: x t + AIR (1 - t), t = exp(-density thickness).

    The thickness drifts from 0.4 to 1.6 across each picture (Koschmieder's law, as in computer vision
    in bad weather).
    """
    thickness = 0.4 + 1.2 * draws.clouds(x, generator)
    t = torch.exp(-density * thickness)
    return x * t + AIR * (1 - t)


def brightness(x: Tensor, more: float, generator: torch.Generator | None) -> Tensor:
    """The value of each colour (of hue, saturation, value) raised by `more`: glaring sun."""
    value = x.amax(dim=1, keepdim=True)
    return with_value(x, (value + more).clamp_max(1))


def _distance_from_the_centre(x: Tensor) -> Tensor:
    """0 in the middle, 1 at the sides: (1, 1, H, W)."""
    h, w = x.shape[-2:]
    down = torch.linspace(-1, 1, h, dtype=x.dtype, device=x.device).abs()
    across = torch.linspace(-1, 1, w, dtype=x.dtype, device=x.device).abs()
    return torch.maximum(down[:, None], across)[None, None] ** 2
