"""The ten road signs as they hang: a flat plate seen from the front."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from numbers import Integral

import torch
from torch import Tensor

from ..errors import DatasetError
from ..world.palettes import hexes
from ..world.pen import Pen
from ..world.sdf import both, box, circle, convex, ellipse, segment, union
from .glyphs import word

_PAINT = {
    "red": "#c2182b", "white": "#f6f5f0", "black": "#1d1d21", "blue": "#1c5bb0",
    "yellow": "#f7c325", "main": "#b8bcc2",
}  # fmt: skip
MIN_SIZE = 16


def plate(label: int | str, size: int = 96) -> tuple[Tensor, Tensor]:
    """A sign from the front, evenly lit.

    Args:
        label: index into CLASSES, or the name.
        size: side S in pixels.

    Returns:
        texture (3, S, S) float32 in [0, 1] and alpha (1, S, S): how much of a pixel the plate covers.

    Raises:
        DatasetError: (a ValueError) no such sign, or a size that shows nothing.
    """
    texture, alpha = _painted(index_of(label), _side(size))
    return texture.clone(), alpha.clone()


def stickers(label: int | str, size: int = 96) -> Tensor:
    """Where stickers may go: (1, S, S) of zeros and ones, two bars that leave the sign's picture free.

    Two bars as on the stop sign of Eykholt et al. 2018, arXiv 1707.08945; less than a fifth of the plate.

    Raises:
        DatasetError: (a ValueError) as `plate`.
    """
    bars = _BARS.get(CLASSES[index_of(label)], _ELSE)
    pen = _sheet(_side(size))
    inside = union(*(box(pen.x, pen.y, 0.0, cy, half, _THICK) for cy, half in bars)) < 0
    return inside.float() * (plate(label, size)[1] > 0.99)


def index_of(label: int | str) -> int:
    """The index into CLASSES that a name or an index means.

    Raises:
        DatasetError: (a ValueError) there is no such sign.
    """
    if isinstance(label, str) and label in CLASSES:
        return CLASSES.index(label)
    if not isinstance(label, str):
        index = int(label)
        if 0 <= index < len(CLASSES):
            return index
    names = ", ".join(f"{i} {name}" for i, name in enumerate(CLASSES))
    raise DatasetError(f"there is no sign {label!r}; choose one of {names}")


def _side(size: int) -> int:
    if not isinstance(size, Integral) or isinstance(size, bool) or size < MIN_SIZE:
        raise DatasetError(
            f"size = {size!r}: a plate needs a whole number of at least {MIN_SIZE} pixels a side"
        )
    return int(size)


def _sheet(size: int) -> Pen:
    place = (torch.arange(size) + 0.5) * (2 / size) - 1
    x = place[None, None, :].expand(1, size, size)
    y = -place[None, :, None].expand(1, size, size)
    colours = {name: hexes((code,))[:, :, None, None] for name, code in _PAINT.items()}
    return Pen(x, y, torch.full((1, 1, 1), size / 2), colours, torch.zeros(1, 1))


@lru_cache(maxsize=32)
@torch.no_grad()
def _painted(label: int, size: int) -> tuple[Tensor, Tensor]:
    pen = _sheet(size)
    _PAINTERS[CLASSES[label]](pen)
    return pen.rgb[0].clamp(0, 1), pen.alpha  # alpha is (1, S, S) already: a batch of one


def _octagon(pen: Pen, apothem: float) -> Tensor:
    turns = [math.pi / 4 * k for k in range(8)]
    sides = [pen.x * math.cos(t) + pen.y * math.sin(t) - apothem for t in turns]
    return both(*sides)


def _triangle(pen: Pen, inset: float, *, down: bool = False) -> Tensor:
    """An equilateral triangle with round corners, `inset` smaller than the plate."""
    y = (-pen.y if down else pen.y) + 0.02
    r = 0.1
    # The sharp triangle shrunk by r, then grown again by r: round corners.
    core = convex(pen.x, y, *_corners(0.97 - 0.1))
    nearest = union(
        *(
            segment(pen.x, y, ax, ay, bx, by, 0.0)
            for (ax, ay), (bx, by) in _edges(_corners(0.97 - 0.1))
        )
    )
    distance = torch.where(core < 0, core, nearest)
    return distance - r + inset


def _corners(half: float) -> tuple[tuple[float, float], ...]:
    low = -half * 0.86
    return ((-half, low), (half, low), (0.0, low + half * math.sqrt(3)))


def _edges(corners: tuple[tuple[float, float], ...]):
    return zip(corners, (*corners[1:], corners[0]), strict=True)


def stop(pen: Pen) -> None:
    pen.part(_octagon(pen, 0.97), "white", dome=0)
    pen.detail(_octagon(pen, 0.90), "red")
    text = word(
        "STOP", pen.x, pen.y, half_width=0.165, half_height=0.34, stroke=0.057, gap=0.08
    )  # fmt: skip
    pen.detail(text, "white")


def give_way(pen: Pen) -> None:
    pen.part(_triangle(pen, 0.0, down=True), "red")
    pen.detail(_triangle(pen, 0.27, down=True), "white")


def priority(pen: Pen) -> None:
    diamond = (pen.x.abs() + pen.y.abs()) * math.sqrt(0.5)
    pen.part(diamond - 0.68, "black")
    pen.detail(diamond - 0.655, "white")
    pen.detail(diamond - 0.47, "black")
    pen.detail(diamond - 0.45, "yellow")


def _limit(number: str) -> Callable[[Pen], None]:
    def paint(pen: Pen) -> None:
        pen.part(circle(pen.x, pen.y, 0.0, 0.0, 0.97), "red")
        pen.detail(circle(pen.x, pen.y, 0.0, 0.0, 0.73), "white")
        digits = word(
            number, pen.x, pen.y, half_width=0.255, half_height=0.42, stroke=0.083, gap=0.1
        )
        pen.detail(digits, "black")

    return paint


def no_entry(pen: Pen) -> None:
    pen.part(circle(pen.x, pen.y, 0.0, 0.0, 0.97), "white")
    pen.detail(circle(pen.x, pen.y, 0.0, 0.0, 0.92), "red")
    pen.detail(box(pen.x, pen.y, 0.0, 0.0, 0.68, 0.17, 0.03), "white")


def turn_right(pen: Pen) -> None:
    x, y = pen.x, pen.y
    pen.part(circle(x, y, 0.0, 0.0, 0.97), "white")
    pen.detail(circle(x, y, 0.0, 0.0, 0.91), "blue")
    corner = box(x, y, 0.25, -0.45, 0.58, 0.58, 0.3).abs() - 0.115
    shaft = both(corner, x - 0.16, -y - 0.62, union(x + 0.0, -y - 0.1))
    head = convex(x, y, (0.14, -0.25), (0.66, 0.13), (0.14, 0.51))
    pen.detail(union(shaft, head), "white")


def pedestrians(pen: Pen) -> None:
    x, y = pen.x, pen.y
    pen.part(box(x, y, 0.0, 0.0, 0.95, 0.95, 0.12), "white")
    pen.detail(box(x, y, 0.0, 0.0, 0.90, 0.90, 0.1), "blue")
    pen.detail(convex(x, y, (-0.76, -0.66), (0.76, -0.66), (0.0, 0.74)) - 0.02, "white")
    walker = union(
        circle(x, y, 0.03, 0.36, 0.095),
        segment(x, y, 0.01, 0.17, -0.02, -0.12, 0.085, 0.9),
        segment(x, y, 0.02, 0.19, 0.2, 0.0, 0.042),
        segment(x, y, -0.0, 0.19, -0.19, 0.02, 0.042),
        segment(x, y, 0.0, -0.13, 0.17, -0.49, 0.06, 0.75),
        segment(x, y, -0.03, -0.13, -0.2, -0.49, 0.06, 0.75),
    )
    pen.detail(walker, "black")
    for k in range(5):
        cx = (k - 2) * 0.27
        pen.detail(box(x, y, cx, -0.585, 0.085, 0.05), "black")


def turtles(pen: Pen) -> None:
    pen.part(_triangle(pen, 0.0), "red")
    pen.detail(_triangle(pen, 0.155), "white")
    x, y = (pen.x + 0.01) / _TURTLE, (pen.y + 0.44) / _TURTLE
    shell = both(ellipse(x, y, -0.05, 0.0, 0.4, 0.42), -y)
    belly = box(x, y, -0.05, -0.03, 0.4, 0.055, 0.05)
    neck = segment(x, y, 0.3, 0.0, 0.47, 0.16, 0.07)
    head = ellipse(x, y, 0.51, 0.2, 0.11, 0.085)
    legs = union(
        segment(x, y, 0.2, -0.03, 0.26, -0.2, 0.085, 0.85),
        segment(x, y, -0.28, -0.03, -0.34, -0.2, 0.085, 0.85),
    )
    tail = convex(x, y, (-0.56, -0.08), (-0.4, -0.08), (-0.4, 0.05))
    pen.detail(union(shell, belly, neck, head, legs, tail) * _TURTLE, "black")
    pen.detail(both(_scutes(x, y), shell + 0.05) * _TURTLE, "white")
    pen.detail(circle(x, y, 0.54, 0.22, 0.022) * _TURTLE, "white")


def _scutes(x: Tensor, y: Tensor) -> Tensor:
    """The lines between the plates of a turtle's shell."""
    knots = ((-0.22, 0.24), (0.12, 0.24), (-0.3, 0.03), (0.2, 0.03), (-0.05, 0.24), (-0.05, 0.03))
    top = ((-0.3, 0.4), (0.2, 0.4))
    lines = ((knots[0], knots[1]), (knots[0], knots[2]), (knots[1], knots[3]), (knots[4], knots[5]),
             (knots[0], top[0]), (knots[1], top[1]))  # fmt: skip
    return union(*(segment(x, y, *start, *end, 0.02) for start, end in lines))


_PAINTERS: dict[str, Callable[[Pen], None]] = {
    "stop": stop, "give way": give_way, "priority road": priority,
    "speed limit 30": _limit("30"), "speed limit 50": _limit("50"), "speed limit 80": _limit("80"),
    "no entry": no_entry, "turn right": turn_right, "pedestrians": pedestrians, "turtles": turtles,
}  # fmt: skip
CLASSES: tuple[str, ...] = tuple(_PAINTERS)

_TURTLE = 0.84  # its scale

# (height of the centre, half width) of each bar, in plate coordinates, y up.
_BARS = {
    "stop": ((0.48, 0.6), (-0.48, 0.6)),
    "give way": ((0.74, 0.5), (-0.3, 0.12)),
    "priority road": ((0.4, 0.34), (-0.4, 0.34)),
    "pedestrians": ((0.75, 0.55), (-0.78, 0.6)),
    "turtles": ((0.24, 0.18), (-0.74, 0.5)),
}
_ELSE = ((0.6, 0.5), (-0.6, 0.5))
_THICK = 0.125  # half the height of a bar
