"""The five things that people make: house, car, sailing boat, mug and umbrella.

A thing lives in [-1, 1] x [-1, 1], x right, y up, and touches the box along its longer
side. `main` is the colour of its largest part. `pen.vary(k, ...)` is the k-th number in
which one thing of a class differs from another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .pen import Pen
from .sdf import blend, both, box, circle, convex, ellipse, ring, segment, union, without


def house(pen: Pen) -> None:
    x, y = pen.x, pen.y
    half, eave = pen.vary(0, 0.62, 0.82), pen.vary(1, -0.05, 0.2)
    ridge = (pen.vary(2, -0.25, 0.35)).clamp(min=0.03)
    side = torch.where(pen.form[:, 3, None, None] < 0.5, -0.45, 0.45)
    pen.part(box(x, y, side, 0.62, 0.11, 0.3), "accent", dome=0.1)
    pen.part(box(x, y, side, 0.9, 0.15, 0.05), pen.shade("accent", 0.8), dome=0.05)
    pen.part(
        convex(x, y, (-half, -0.95), (half, -0.95), (half, eave + 0.1), (-half, eave + 0.1)),
        "main",
        dome=0.1,
    )
    pen.detail(box(x, y, 0.0, -0.97, half, 0.1), "dark", strength=0.35)
    roof = convex(x, y, (-half - 0.17, eave), (half + 0.17, eave), (ridge, 0.95), (-ridge, 0.95))
    pen.detail(box(x, y, 0.0, eave - 0.05, half, 0.07), "dark", strength=0.3)
    pen.part(roof, "second", dome=0.14, rise=0.06)
    rows = ((y * 4.5) - torch.floor(y * 4.5) - 0.5).abs_().sub_(0.42).neg_().mul_(0.2)
    pen.detail(both(roof + 0.03, rows), "dark", strength=0.25)
    _door_and_windows(pen, half, eave)


def _door_and_windows(pen: Pen, half: Tensor, eave: Tensor) -> None:
    x, y = pen.x, pen.y
    door = pen.vary(4, -0.3, 0.3)
    pen.detail(box(x, y, door, -0.68, 0.19, 0.32, 0.06), "light")
    pen.detail(box(x, y, door, -0.7, 0.14, 0.28, 0.04), pen.shade("second", 0.7), dome=0.05)
    pen.detail(circle(x, y, door + 0.08, -0.72, 0.03), "accent")
    level = (eave - 0.55) * 0.5
    for place in (-0.56, 0.56):
        cx = half * place
        frame = box(x, y, cx, level + 0.12, 0.17, 0.19, 0.03)
        pen.detail(frame, "light", dome=0.04)
        pane = without(frame + 0.045, union((x - cx).abs_(), (y - level - 0.12).abs_()) - 0.022)
        pen.detail(pane, "accent")
    pen.detail(circle(x, y, 0.0, eave + 0.27, 0.13), "light", dome=0.05)
    pen.detail(circle(x, y, 0.0, eave + 0.27, 0.085), "accent")


def car(pen: Pen) -> None:
    x, y = pen.x, pen.y + 0.02
    roof, nose = pen.vary(0, 0.42, 0.58), pen.vary(1, 0.25, 0.5)
    back = pen.vary(2, -0.85, -0.55)
    cabin = (
        (back - 0.1, -0.1), (nose + 0.12, -0.1), (nose - 0.2, roof), (back + pen.vary(3, 0.05, 0.25), roof),
    )  # fmt: skip
    pen.part(convex(x, y, *cabin) - 0.03, "main", dome=0.18)
    body = blend(box(x, y, 0.0, -0.2, 0.97, 0.22, 0.17), ellipse(x, y, 0.1, -0.05, 0.85, 0.17), 0.1)
    pen.part(body, "main", dome=0.22, rise=0.02)
    glass = both(convex(x, y, *cabin) + 0.06, -(y - 0.04))
    middle = (back + nose) * 0.5
    pen.detail(without(glass, (x - middle).abs_() - 0.035), "glass")
    pen.detail(both(glass, (x - y * 0.5 - middle - 0.2).abs_() - 0.04), "light", strength=0.45)
    pen.detail(box(x, y, 0.0, -0.24, 0.98, 0.035), "second")
    pen.detail(both((x - middle).abs_() - 0.012, (y + 0.14).abs_() - 0.2), "dark", strength=0.6)
    pen.detail(box(x, y, middle + 0.14, -0.08, 0.06, 0.018, 0.01), "dark", strength=0.8)
    pen.detail(ellipse(x, y, 0.9, -0.1, 0.1, 0.075), "light", dome=0.05)
    pen.detail(ellipse(x, y, -0.95, -0.08, 0.06, 0.08), "accent")
    wheel = pen.vary(4, 0.21, 0.26)
    for cx in (-0.55, 0.55):
        pen.detail(circle(x, y, cx, -0.4, wheel + 0.06), "dark", strength=0.75)
        pen.part(circle(x, y, cx, -0.4, wheel), "dark", dome=0.1, rise=0.05)
        pen.detail(circle(x, y, cx, -0.4, wheel * 0.55), "light", dome=0.06)
        pen.detail(circle(x, y, cx, -0.4, wheel * 0.2), "dark")


def boat(pen: Pen) -> None:
    x, y = pen.x, pen.y
    deck, top = pen.vary(0, -0.55, -0.42), pen.vary(1, 0.8, 0.92)
    long = pen.vary(2, 0.68, 0.9)
    pen.part(box(x, y, 0.05, 0.2, 0.028, 0.76), "dark", dome=0.03)
    wave = 0.03 * torch.sin(y * 7)
    flag = convex(x, y - wave, (0.05, 0.97), (0.05, 0.78), (0.42, 0.875))
    pen.part(flag, "accent", dome=0.08)
    foot = deck + 0.14
    main = both(foot - y, x + 0.03, _leech(pen, foot, top, long))
    pen.part(main, "main", dome=0.3)
    pen.detail(both(main + 0.03, (y - foot - 0.28).abs_() - 0.06), "second")
    jib = convex(x, y, (0.12, foot + 0.02), (long * 0.85, foot + 0.02), (0.12, top - 0.15))
    pen.part(jib, pen.shade("main", 1.12), dome=0.25, rise=0.02)
    bow, keel = long + 0.1, deck - 0.42
    hull = both(
        y - deck,
        convex(x, y, (-long, deck), (-long * 0.78, keel), (long * 0.55, keel), (bow, deck)),
    )
    pen.part(hull - 0.02, "second", dome=0.25, rise=0.05)
    pen.detail(both(hull, (y - deck + 0.1).abs_() - 0.04), "accent")
    for cx in (-0.35, 0.0, 0.35):
        pen.detail(circle(x, y, cx, deck - 0.24, 0.045), "light")


def _leech(pen: Pen, foot: Tensor, top: Tensor, long: Tensor) -> Tensor:
    """The outer edge of the main sail: a bow from the mast's top to the end of the boom."""
    x, y = pen.x, pen.y
    ax, ay, bx, by = -0.03, top, -long * 0.8, foot
    nx, ny = by - ay, ax - bx  # outwards, to the upper left
    length = (nx * nx + ny * ny).sqrt()
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (length * length)
    belly = 0.56 * along.clamp(0, 1) * (1 - along.clamp(0, 1))
    return ((x - ax) * nx + (y - ay) * ny) / length - belly


def mug(pen: Pen) -> None:
    x, y = pen.x + 0.14, pen.y + 0.12
    half, low = pen.vary(0, 0.5, 0.64), pen.vary(1, 0.78, 1.0)
    top = pen.vary(2, 0.42, 0.58)
    loop = ellipse(x, y, half * 0.98, -0.18, 0.42, pen.vary(3, 0.36, 0.46))
    pen.part(without(loop, loop + 0.16), "main", dome=0.09)
    _steam(pen, x, y - top)
    base = half * low
    wall = convex(x, y, (-base, -0.72), (base, -0.72), (half, top), (-half, top))
    body = union(wall, ellipse(x, y, 0.0, -0.72, base, 0.13))
    pen.part(body, "main", dome=0.45, rise=0.08, bend=x.abs() - half)
    curve = y + 0.13 * (1 - (x / half).square())
    pen.detail(both(body, (curve + 0.05).abs_() - 0.13), "second")
    pen.detail(both(body, (curve + 0.05).abs_() - 0.035), "accent")
    pen.part(ellipse(x, y, 0.0, top, half, 0.15), pen.shade("main", 1.15), dome=0.05, rise=0.2)
    pen.detail(ellipse(x, y, 0.0, top, half - 0.07, 0.105), pen.shade("main", 0.55))
    drink = ellipse(x, y, 0.0, top - 0.035, half - 0.1, 0.085)
    pen.detail(both(drink, ellipse(x, y, 0.0, top, half - 0.07, 0.105)), "drink")


def _steam(pen: Pen, x: Tensor, y: Tensor) -> None:
    sway = 0.085 * torch.sin(y * 9)
    for cx in (-0.2, 0.16):
        thick = 0.06 - 0.11 * (y - 0.3).abs()
        wisp = both((x - cx - sway).abs() - thick, (y - 0.3).abs() - 0.34)
        pen.part(wisp, "light", dome=0.05)


def umbrella(pen: Pen) -> None:
    x, y = pen.x, pen.y
    tall = pen.vary(0, 0.72, 0.95)
    hook = pen.vary(1, 0.13, 0.18)
    end = -0.78
    crook = both(ring(x, y, hook, end, hook, 0.05), y - end)
    pen.part(union(segment(x, y, 0.0, 0.3, 0.0, end, 0.035), crook), "accent", dome=0.05)
    pen.part(segment(x, y, 0.0, 0.8, 0.0, 0.97, 0.04, 0.4), "dark", dome=0.05)
    rim = -0.02
    dome = both(ellipse(x, y, 0.0, rim - 0.02, 0.96, tall - rim), -(y - rim))
    scallops = union(
        *(ellipse(x, y, cx, rim - 0.02, 0.165, 0.12) for cx in (-0.72, -0.36, 0.0, 0.36, 0.72))
    )
    canopy = without(dome, scallops)
    pen.part(canopy, "main", dome=0.4, rise=0.1)
    striped = torch.where(pen.form[:, 2, None, None] < 0.65, 0.0, 9.0)
    outer = ellipse(x, y, 0.0, rim, 0.555, tall - rim)
    inner = ellipse(x, y, 0.0, rim, 0.18, tall - rim)
    pen.detail(both(canopy, without(outer, inner)) + striped, "second")
    for rib in (outer, inner):
        pen.detail(both(canopy + 0.01, rib.abs_() - 0.012), "dark", strength=0.4)
