"""From the numbers of a portrait to its pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from ..options import size_option
from ..world import draws, noise, palettes
from ..world.sdf import box, circle, ellipse, union
from .features import paint_features
from .glasses import camera, frame
from .hair import STYLES
from .portraits import Portraits
from .sitter import Sitter

_PIXELS_AT_ONCE = {"cpu": 64 * 48 * 48, "gpu": 4096 * 48 * 48}


@torch.no_grad()
def render(
    portraits: Portraits, size: int = 48, device: torch.device | str | None = None
) -> Tensor:
    """Draws the portraits: (N, 3, size, size) uint8 on `device` (CPU by default).

    A picture depends on its portrait alone, not on the others of the batch.

    Raises:
        DatasetError: (a ValueError) size is too small or no whole number.
    """
    size, where = size_option(size, 48), torch.device(device or "cpu")
    drawn = torch.empty(len(portraits), 3, size, size, dtype=torch.uint8, device=where)
    at_once = max(1, _PIXELS_AT_ONCE["cpu" if where.type == "cpu" else "gpu"] // size**2)
    # One head of hair at a time: each has its own painter, and many are painted at once.
    style = draws.choice(portraits.person, "style", len(STYLES))
    for kind in style.unique().tolist():
        for rows in (style == kind).nonzero()[:, 0].split(at_once):
            picture = _draw(portraits[rows], kind, size, where)
            drawn[rows.to(where)] = (picture * 255).round_().to(torch.uint8)
    return drawn


def _draw(portraits: Portraits, style: int, size: int, device: torch.device) -> Tensor:
    """Portraits of persons with one head of hair: (N, 3, size, size) float32 in [0, 1]."""
    place = (torch.arange(size, device=device) + 0.5) * (2 / size) - 1
    x, y = place[None, None, :], place[None, :, None]
    sitter = Sitter(portraits, x, y)
    behind, on_top = STYLES[style]
    behind(sitter)
    _body(sitter, x, y)
    _head(sitter)
    paint_features(sitter)
    on_top(sitter)
    _earrings(sitter)
    rims = frame(sitter.fx, sitter.fy) + (sitter.given("glasses") < 0.5) * 9.0
    sitter.pen.part(rims, "rim", dome=0.05, rise=0.1)
    lit = _lit(sitter)
    rgb = torch.lerp(_backdrop(portraits, size, device), lit, sitter.pen.alpha[:, None])
    return _exposed(rgb, sitter, size)


def _body(s: Sitter, x: Tensor, y: Tensor) -> None:
    """Neck and shoulders: upright, they follow the head only half the way."""
    pen, centre = s.pen, s.portraits.centre.to(s.device)
    scale = s.given("scale")
    u = (x - 0.6 * centre[:, 0, None, None]) / scale
    v = -(y - 0.6 * centre[:, 1, None, None]) / scale
    wide = s.trait("shoulders", 0.95, 1.3)
    pen.part(ellipse(u, v, 0.0, -1.75, wide, 0.75), "clothes", dome=0.4)
    collar = s.mood("collar", 0.0, 1.0) < 0.5
    pen.detail(ellipse(u, v, 0.0, -1.06, 0.40, 0.22) + collar * 9.0, pen.shade("clothes", 1.35))
    neck = union(
        box(u, v, 0.0, -0.85, s.trait("neck", 0.22, 0.33), 0.35, 0.1), ellipse(u, v, 0.0, -1.1, 0.32, 0.18)
    )  # fmt: skip
    pen.part(neck, pen.shade("main", 0.8), dome=0.1)


def _head(s: Sitter) -> None:
    pen = s.pen
    x, y = s.before(-0.05)
    big = s.trait("ears", 0.13, 0.22)
    ears = ellipse(x.abs(), y, s.trait("ears out", 0.68, 0.76), 0.04, big * 0.8, big)
    pen.part(ears, "main", dome=0.12)
    pen.detail(ellipse(x.abs(), y, 0.74, 0.04, big * 0.35, big * 0.5), pen.shade("main", 0.78))
    pen.part(s.head, "main", dome=0.55, rise=0.05)


def _earrings(s: Sitter) -> None:
    x, y = s.before(-0.05)
    drop = circle(x.abs(), y, 0.74, -0.24, s.trait("earring size", 0.06, 0.11))
    s.pen.part(drop + s.unless("earrings", 0.25), "earring", dome=0.1)


def _lit(s: Sitter) -> Tensor:
    """Light from one side on the relief, and a little on the whole side of the head."""
    pen = s.pen
    h = torch.nn.functional.pad(pen.height[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    per_pixel = pen.sharpness * 0.5
    down = (h[:, 2:, 1:-1] - h[:, :-2, 1:-1]) * per_pixel
    along = (h[:, 1:-1, 2:] - h[:, 1:-1, :-2]) * per_pixel
    angle = s.given("light")
    facing = (down * angle.sin() - along * angle.cos()) / (1 + along**2 + down**2).sqrt()
    broad = (s.x * angle.cos() + s.y * angle.sin()).clamp(-1.2, 1.2)
    strength = s.mood("light strength", 0.4, 1.0)
    shade = 1 + strength * (0.34 * facing + 0.10 * broad)
    return (pen.rgb * shade[:, None]).clamp(0, 1)


def _backdrop(portraits: Portraits, size: int, device: torch.device) -> Tensor:
    """Noise of several octaves between two close tones."""
    key = portraits.shot
    kind = draws.choice(key, "background", len(palettes.PLAINS))
    light, deep = (t.to(device)[:, :, None, None] for t in palettes.of_plains(key, kind))
    wander = noise.fractal(key.to(device), "clouds", size, (2, 4, 8))[:, None]
    return light + (deep - light) * (0.5 + 0.7 * wander).clamp(0, 1)


def _exposed(rgb: Tensor, s: Sitter, size: int) -> Tensor:
    """The camera: its exposure, its contrast and its grain."""
    grain = s.mood("grain", 0.004, 0.02)
    speckle = draws.lattice(s.portraits.shot.to(s.device), "speckle", size, size) * grain
    exposure, contrast = s.given("exposure")[:, None], s.given("contrast")[:, None]
    return (camera(rgb, exposure, contrast) + speckle[:, None]).clamp(0, 1)
