"""What a face is told by: eyes, brows, nose, mouth, and what grows or sits on it.

Everything here lies in the features' coordinates, which slide across the head when it turns. What
belongs to the person is a `trait`, what passes is a `mood`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..world.sdf import both, circle, ellipse, segment, turned, union, without
from .sitter import Sitter

EYES = 0.10  # their height in feature coordinates; glasses sit there


def paint_features(sitter: Sitter) -> None:
    _cheeks(sitter)
    _beard(sitter)
    _mouth(sitter)
    _nose(sitter)
    for side in (-1, 1):
        _eye(sitter, side)
        _brow(sitter, side)


def apart(sitter: Sitter) -> Tensor:
    """How far the eyes are from the middle."""
    return sitter.trait("eyes apart", 0.27, 0.37)


def _cheeks(s: Sitter) -> None:
    x, y, pen = s.fx, s.fy, s.pen
    rosy = ((s.trait("rosy", -0.6, 1.0)).clamp(min=0) * 0.8)[:, None]
    cheeks = ellipse(x.abs(), y, 0.44, -0.22, 0.17, 0.12)
    pen.detail(cheeks, pen.colours["main"] + (pen.colours["blush"] - pen.colours["main"]) * rosy)
    spots = union(
        *(circle(x.abs(), y, cx, cy, 0.026) for cx, cy in _FRECKLES),
        circle(x, y, 0.04, -0.06, 0.024),
    )
    pen.detail(spots + s.unless("freckles", 0.3), "freckle")
    side = torch.where(s.trait("mole side", -1, 1) > 0, 1.0, -1.0)
    mole = circle(x * side, y, s.trait("mole x", 0.2, 0.5), s.trait("mole y", -0.5, -0.2), 0.035)
    pen.detail(mole + s.unless("mole", 0.2), "brow")


_FRECKLES = ((0.26, -0.14), (0.36, -0.20), (0.46, -0.13), (0.31, -0.28), (0.42, -0.29), (0.54, -0.22))  # fmt: skip


def _eye(s: Sitter, side: int) -> None:
    pen = s.pen
    wide, tall = s.trait("eye width", 0.135, 0.21), s.trait("eye height", 0.10, 0.19)
    smile = s.given("smile").clamp(min=0)
    tall = tall * s.mood("eyes open", 0.7, 1.05) * (1 - 0.25 * smile)
    slant = s.trait("eye slant", -0.25, 0.25) * side
    x, y = turned(s.fx, s.fy, apart(s) * side, EYES, slant.cos(), slant.sin())
    lid = tall * s.trait("lid", 0.45, 1.0)
    white = both(ellipse(x, y, 0.0, 0.0, wide, tall), y - lid + 0.4 * x.square() / wide)
    pen.detail(white - 0.035, pen.shade("main", 0.8))
    pen.detail(white, "light")
    look_x, look_y = s.mood("gaze x", -0.05, 0.05), s.mood("gaze y", -0.03, 0.03)
    size = s.trait("iris size", 0.085, 0.125)
    pen.detail(both(circle(x, y, look_x, look_y, size), white), "iris")
    pen.detail(both(circle(x, y, look_x, look_y, size * 0.55), white), "dark")
    pen.detail(circle(x, y, look_x + 0.035, look_y + 0.04, 0.032), "light")
    lashes = s.trait("lashes", 0.03, 0.06)
    pen.detail(both(without(white - lashes, white), tall * 0.25 - y), "dark")
    flick = segment(x * side, y, wide * 0.9, tall * 0.3, wide + 0.09, tall * 0.3 + 0.08, 0.03, 0.4)
    pen.detail(flick + s.unless("long lashes", 0.35), "dark")


def _brow(s: Sitter, side: int) -> None:
    thick, long = s.trait("brow thick", 0.028, 0.075), s.trait("brow long", 0.15, 0.23)
    slant = s.trait("brow slant", -0.07, 0.10) - 0.05 * s.mood("frown", -1, 1)
    high = EYES + s.trait("brow high", 0.24, 0.34) + s.mood("brow raise", -0.03, 0.05)
    x = s.fx * side - apart(s)
    arch = s.trait("brow arch", 0.0, 0.08) * (1 - (x / long).square())
    brow = segment(x, s.fy - arch, -long, high - slant, long, high + slant * 0.4, thick, 0.5)
    s.pen.detail(brow, "brow")


def _nose(s: Sitter) -> None:
    x, y, pen = s.fx * 1.0, s.fy, s.pen
    # The tip stands out of the face: it slides further when the head turns.
    tip_x, tip_y = s.before(0.62)
    long, wide = s.trait("nose long", 0.12, 0.30), s.trait("nose wide", 0.075, 0.17)
    low = EYES - 0.06 - long
    bridge = segment(x, y, 0.0, EYES - 0.02, 0.0, low, 0.035, wide / 0.05)
    pen.detail(both(bridge, low - 0.02 - y), pen.shade("main", 0.93), dome=0.08)
    tip = ellipse(tip_x, tip_y, 0.0, low, wide, wide * s.trait("nose round", 0.55, 0.95))
    pen.detail(tip - 0.025, pen.shade("main", 0.80))
    pen.detail(ellipse(tip_x, tip_y, 0.0, low + 0.02, wide, wide * 0.8), pen.shade("main", 1.04), dome=0.16)  # fmt: skip
    red = s.trait("nose red", -0.5, 0.5).clamp(min=0)[:, None]
    skin, blush = pen.colours["main"], pen.colours["blush"]
    pen.detail(circle(tip_x, tip_y, 0.0, low, wide * 0.7), skin + (blush - skin) * red)
    holes = ellipse(tip_x.abs(), tip_y, wide * 0.5, low - wide * 0.42, 0.04, 0.025)
    pen.detail(holes, "dark", strength=0.55)


def mouth_height(s: Sitter) -> Tensor:
    return s.trait("mouth low", -0.52, -0.42)


def _mouth(s: Sitter) -> None:
    x, y, pen = s.fx, s.fy, s.pen
    wide = s.trait("mouth wide", 0.19, 0.33) * (1 + 0.15 * s.given("smile"))
    along = (x / wide).square()
    # The corners rise in a smile; the open mouth hangs from the line between them.
    line = mouth_height(s) + s.given("smile") * 0.11 * (along - 0.5)
    gap = 0.20 * s.given("open") * (1 - along)
    full = s.trait("lips full", 0.015, 0.075) * (1 - 0.8 * along).clamp(min=0.15)
    ends = x.abs() - wide
    upper, lower = y - line, line - gap - y
    lips = torch.maximum(both(upper - full * 0.8, lower - full), ends)
    pen.detail(lips, "lips")
    inside = both(upper, lower, ends)
    seam = both(upper.abs() - 0.02, ends)
    pen.detail(torch.where(gap > 0.03, inside, seam), "dark")
    shown = (s.given("open") < 0.12) * 9.0
    teeth = both(inside + 0.008, line - 0.065 - y, ends + 0.05)
    pen.detail(teeth + shown, "light")
    tongue = both(ellipse(x, y, 0.0, line - gap, wide * 0.5, 0.08), inside + 0.015)
    pen.detail(tongue + shown, "tongue")


def _beard(s: Sitter) -> None:
    """None for most; stubble, a full beard, a goatee or a moustache for the others."""
    x, y, pen = s.fx, s.fy, s.pen
    kind = s.trait("beard", 0.0, 1.0)

    def unless_in(low: float, high: float) -> Tensor:
        return ((kind < low) | (kind >= high)) * 9.0

    mouth = mouth_height(s)
    # The bare part of the face is as wide as the head beside the nose: the beard tapers to the ears.
    bare = ellipse(x, y, 0.0, 0.12, 0.70, s.trait("beard edge", 0.44, 0.58))
    jaw = both(without(s.head, bare), y - 0.1)
    pen.detail(jaw + unless_in(0.72, 0.80), "hair", strength=0.35)
    full = both(without(s.head - 0.06, bare), y - 0.1)
    pen.part(full + unless_in(0.80, 0.90), "hair", dome=0.16)
    goatee = ellipse(x, y, 0.0, mouth - 0.22, 0.17, s.trait("goatee", 0.13, 0.22))
    pen.part(both(goatee, s.head - 0.08) + unless_in(0.90, 0.95), "hair", dome=0.1)
    half = segment(x.abs(), y, 0.0, mouth + 0.13, 0.25, mouth + 0.06, 0.065, 0.4)
    pen.detail(half + torch.minimum(unless_in(0.80, 0.85), unless_in(0.93, 1.0)), "hair", dome=0.08)
