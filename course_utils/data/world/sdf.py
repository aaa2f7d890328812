"""Signed distance functions: how far a point is from a shape's edge, negative inside.

Every function takes the coordinates `x`, `y` (N, H, W) and the shape's numbers, each a
float or a tensor (N, 1, 1), and returns (N, H, W) in the units of the coordinates.
Shapes combine by minimum (union) and maximum (intersection); see I. Quilez,
"2D distance functions", for the family.
"""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor

Number = float | Tensor


def circle(x: Tensor, y: Tensor, cx: Number, cy: Number, r: Number) -> Tensor:
    return torch.sqrt((x - cx).square_() + (y - cy).square_()).sub_(r)


def ellipse(x: Tensor, y: Tensor, cx: Number, cy: Number, rx: Number, ry: Number) -> Tensor:
    """First-order distance: exact on the edge, a little off far away."""
    u, v = (x - cx).div_(rx), (y - cy).div_(ry)
    along = torch.sqrt(u.square() + v.square())
    slope = torch.sqrt(u.div_(rx).square_() + v.div_(ry).square_())
    return along * (along - 1) / slope.add_(1e-6)


def box(
    x: Tensor, y: Tensor, cx: Number, cy: Number, half_w: Number, half_h: Number, r: float = 0.0
) -> Tensor:
    """A box with corners rounded by r (the half sides include the rounding)."""
    u = (x - cx).abs_().sub_(half_w).add_(r)
    v = (y - cy).abs_().sub_(half_h).add_(r)
    inside = torch.maximum(u, v).clamp_(max=0)
    return torch.sqrt(u.clamp_(min=0).square_() + v.clamp_(min=0).square_()).add_(inside).sub_(r)


def segment(
    x: Tensor,
    y: Tensor,
    ax: Number,
    ay: Number,
    bx: Number,
    by: Number,
    r: Number,
    taper: Number = 1.0,
) -> Tensor:
    """A stroke with round ends, of half width r at (ax, ay) and r * taper at (bx, by)."""
    ex, ey = bx - ax, by - ay
    px, py = x - ax, y - ay
    t = ((px * ex + py * ey) / (ex * ex + ey * ey)).clamp_(0, 1)
    width = r * (1 - (1 - taper) * t)
    return torch.sqrt((px - ex * t).square_() + (py - ey * t).square_()) - width


def convex(x: Tensor, y: Tensor, *corners: tuple[Number, Number]) -> Tensor:
    """A convex polygon, corners counter-clockwise (y up); exact but outside its corners."""
    distance: Tensor | None = None
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        nx, ny = by - ay, ax - bx  # outward normal of the edge
        length = (nx * nx + ny * ny) ** 0.5
        nx, ny = nx / length, ny / length
        side = (x * nx).add_(y * ny).sub_(nx * ax + ny * ay)
        distance = side if distance is None else torch.maximum(distance, side, out=distance)
    assert distance is not None
    return distance


def ring(x: Tensor, y: Tensor, cx: Number, cy: Number, r: Number, half_width: Number) -> Tensor:
    return circle(x, y, cx, cy, r).abs_().sub_(half_width)


def union(*shapes: Tensor) -> Tensor:
    return reduce(torch.minimum, shapes)


def both(*shapes: Tensor) -> Tensor:
    """The intersection."""
    return reduce(torch.maximum, shapes)


def without(shape: Tensor, hole: Tensor) -> Tensor:
    return torch.maximum(shape, -hole)


def blend(a: Tensor, b: Tensor, width: float) -> Tensor:
    """A union whose seam is rounded over `width`."""
    near = (1 - (a - b).abs_().div_(width)).clamp_(min=0)
    return torch.minimum(a, b) - near.square_().mul_(width / 4)


def turned(
    x: Tensor, y: Tensor, cx: Number, cy: Number, cos: Number, sin: Number
) -> tuple[Tensor, Tensor]:
    """Coordinates in a frame at (cx, cy) turned by the angle whose cosine and sine are given."""
    u, v = x - cx, y - cy
    return u * cos + v * sin, v * cos - u * sin
