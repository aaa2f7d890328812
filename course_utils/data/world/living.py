"""The five things that live: tree, fish, mushroom, bird and cat.

A thing lives in [-1, 1] x [-1, 1], x right, y up, and touches the box along its longer
side. `main` is the colour of its largest part. `pen.vary(k, ...)` is the k-th number in
which one thing of a class differs from another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .pen import Pen
from .sdf import blend, both, circle, convex, ellipse, ring, segment, turned, union, without


def tree(pen: Pen) -> None:
    x, y = pen.x, pen.y
    kind = pen.form[:, 0, None, None]
    bole = pen.vary(1, 0.09, 0.15)
    trunk = convex(
        x, y, (-bole * 1.5, -0.97), (bole * 1.5, -0.97), (bole * 0.7, 0.1), (-bole * 0.7, 0.1)
    )
    boughs = union(
        segment(x, y, 0.0, -0.5, -0.35, -0.1, bole * 0.5, 0.5),
        segment(x, y, 0.0, -0.4, 0.35, 0.0, bole * 0.5, 0.5),
    )
    conifer = (kind >= 0.45) & (kind < 0.75)
    pen.part(torch.where(conifer, trunk, union(trunk, boughs)), "second", dome=0.12)
    crown = torch.where(
        conifer, _fir(pen), torch.where(kind < 0.45, _round_crown(pen), _tall_crown(pen))
    )
    pen.part(crown, "main", dome=0.3, rise=0.1)
    _leaves(pen, crown)


def _round_crown(pen: Pen) -> Tensor:
    x, y = pen.x, pen.y
    wide = pen.vary(2, 0.42, 0.55)
    crown = circle(x, y, 0.0, 0.42, 0.53)
    for cx, cy, r in (
        (-1.0, 0.12, 0.36),
        (1.0, 0.16, 0.36),
        (-0.75, 0.52, 0.34),
        (0.75, 0.55, 0.33),
    ):
        crown = blend(crown, circle(x, y, wide * cx, cy, r), 0.15)
    return crown


def _fir(pen: Pen) -> Tensor:
    x, y = pen.x, pen.y
    wide = pen.vary(2, 0.55, 0.75)
    tiers = [
        convex(x, y, (-wide * w, low), (wide * w, low), (0.0, top))
        for w, low, top in ((1.0, -0.6, 0.25), (0.8, -0.15, 0.6), (0.58, 0.27, 0.97))
    ]
    return union(*tiers) - 0.02


def _tall_crown(pen: Pen) -> Tensor:
    x, y = pen.x, pen.y
    return blend(
        ellipse(x, y, 0.0, 0.32, pen.vary(2, 0.34, 0.48), 0.64), circle(x, y, 0.0, 0.0, 0.42), 0.3
    )


_FRUIT = (
    (-0.3, 0.28), (0.05, 0.1), (0.28, 0.45), (-0.08, 0.62), (0.02, 0.38), (-0.12, -0.12), (0.33, 0.1),
)  # fmt: skip


def _leaves(pen: Pen, crown: Tensor) -> None:
    """Darker clumps inside the crown and, on some trees, fruit."""
    x, y = pen.x, pen.y
    clumps = union(
        ellipse(x, y, -0.25, 0.1, 0.2, 0.09), ellipse(x, y, 0.22, 0.3, 0.19, 0.08),
        ellipse(x, y, -0.15, 0.55, 0.16, 0.07), ellipse(x, y, 0.3, -0.05, 0.15, 0.07),
    )  # fmt: skip
    pen.detail(both(clumps, crown + 0.05), "dark", strength=0.22)
    fruit = union(*(circle(x, y, cx, cy, 0.065) for cx, cy in _FRUIT))
    bare = torch.where(pen.form[:, 3, None, None] < 0.5, 9.0, 0.0)
    pen.detail(both(fruit, crown + 0.06) + bare, "accent", dome=0.06)


def fish(pen: Pen) -> None:
    x, y = pen.x, pen.y
    deep, tail = pen.vary(0, 0.36, 0.5), pen.vary(1, 0.34, 0.5)
    pen.part(
        without(convex(x, y, (0.5, 0.0), (0.95, -tail), (0.95, tail)), circle(x, y, 1.12, 0.0, 0.27)) - 0.03,
        "second", dome=0.15,
    )  # fmt: skip
    fin = both(
        ellipse(x, y, 0.12, deep * 0.7, 0.5, 0.46), x * 0.35 - y + deep * 0.55, x - 0.5 + 0.25 * y
    )
    pen.part(fin, "second", dome=0.12)
    keel = both(
        ellipse(x, y, 0.16, -deep * 0.75, 0.3, 0.3), x - 0.36 + 0.35 * (y + deep), -y - deep * 1.6
    )
    pen.part(keel, "second", dome=0.12)
    rays = ((x * 0.9 + y * 0.5) * 11).sin_().add_(0.55).mul_(0.05)
    pen.detail(rays, "dark", strength=0.3)
    body = blend(ellipse(x, y, -0.2, 0.0, 0.78, deep), ellipse(x, y, 0.4, 0.0, 0.35, 0.13), 0.3)
    pen.part(body, "main", dome=0.42, rise=0.05)
    pen.detail(
        both(body + 0.02, ellipse(x, y, -0.25, -deep * 1.05, 0.8, deep * 0.75)),
        "light",
        strength=0.55,
    )
    plain = torch.where(pen.form[:, 2, None, None] < 0.35, 9.0, 0.0)
    for cx in (-0.22, 0.12, 0.42):
        bow = (x - cx - 0.12 * (1 - (y / deep).square())).abs_() - 0.065
        pen.detail(both(bow, body + 0.015) + plain, "accent")
    pen.detail(
        both(ring(x, y, -0.78, 0.0, 0.36, 0.02), body + 0.04, -(x + 0.6)), "dark", strength=0.5
    )
    side = turned(x, y, -0.1, -0.1, 0.9, -0.43)
    pen.detail(ellipse(*side, 0.1, 0.0, 0.2, 0.1), pen.shade("second", 0.9), dome=0.12)
    pen.detail(circle(x, y, -0.64, 0.1, 0.12), "light", dome=0.08)
    pen.detail(circle(x, y, -0.66, 0.1, 0.065), "dark")
    pen.detail(segment(x, y, -0.95, -0.1, -0.76, -0.13, 0.022), "dark", strength=0.8)


def mushroom(pen: Pen) -> None:
    x, y = pen.x, pen.y
    wide, tall = pen.vary(0, 0.72, 0.95), pen.vary(1, 0.7, 0.98)
    stem = pen.vary(2, 0.17, 0.28)
    foot = union(
        convex(
            x,
            y,
            (-stem * 1.25, -0.95),
            (stem * 1.25, -0.95),
            (stem * 0.85, 0.1),
            (-stem * 0.85, 0.1),
        ),
        ellipse(x, y, 0.0, -0.83, stem * 1.5, 0.15),
    )
    pen.part(foot, "light", dome=0.25)
    pen.detail(foot, "second", strength=0.35)
    pen.detail(both(foot, ellipse(x, y, 0.0, -0.02, stem * 1.6, 0.16)), "dark", strength=0.3)
    skirt = both(ellipse(x, y, 0.0, -0.28, stem * 1.7, 0.13), y + 0.27)
    pen.part(
        torch.where(pen.form[:, 3, None, None] < 0.6, skirt, skirt + 9), "light", dome=0.1, rise=0.1
    )
    under = ellipse(x, y, 0.0, 0.04, wide * 0.93, 0.15)
    pen.part(under, pen.shade("second", 0.85), dome=0.08, rise=0.05)
    pen.detail(both(under, (x * 22).cos_().mul_(0.04) + 0.01), "dark", strength=0.3)
    low = 0.06 + 0.1 * (x / wide).square()
    cap = both(ellipse(x, y, 0.0, 0.06, wide, tall - 0.06), -(y - low)) - 0.03
    pen.part(cap, "main", dome=0.5, rise=0.12)
    for cx, cy, r in (
        (-0.5, 0.3, 0.13),
        (0.02, 0.42, 0.16),
        (0.52, 0.28, 0.12),
        (-0.28, 0.72, 0.1),
        (0.3, 0.7, 0.11),
    ):
        spot = ellipse(x, y, wide * cx, 0.08 + tall * 0.9 * cy, r, r * 0.85)
        pen.detail(both(spot, cap + 0.02), "accent", dome=0.06)


def bird(pen: Pen) -> None:
    x, y = pen.x, pen.y
    for cx in (-0.02, 0.2):
        leg = union(
            segment(x, y, cx, -0.4, cx + 0.03, -0.9, 0.032),
            segment(x, y, cx - 0.1, -0.92, cx + 0.2, -0.92, 0.035),
        )
        pen.part(leg, "accent", dome=0.04)
    drop = pen.vary(0, -0.35, 0.2)
    tail = convex(x, y, (-0.3, 0.15), (-0.95, drop + 0.1), (-0.98, drop - 0.12), (-0.25, -0.2))
    pen.part(tail - 0.02, pen.shade("main", 0.72), dome=0.12)
    head_x, head_y = 0.42, pen.vary(1, 0.38, 0.52)
    long = pen.vary(2, 0.2, 0.34)
    beak = convex(
        x,
        y,
        (head_x + 0.2, head_y - 0.12),
        (head_x + 0.25 + long, head_y - 0.02),
        (head_x + 0.2, head_y + 0.12),
    )
    pen.part(beak - 0.01, "accent", dome=0.1)
    crest = convex(
        x,
        y,
        (head_x + 0.1, head_y + 0.2),
        (head_x - 0.28, head_y + 0.46),
        (head_x - 0.2, head_y + 0.05),
    )
    pen.part(torch.where(pen.form[:, 3, None, None] < 0.4, crest, crest + 9), "second", dome=0.1)
    torso = ellipse(*turned(x, y, -0.02, -0.08, 0.88, 0.47), 0.0, 0.0, 0.6, pen.vary(4, 0.36, 0.44))
    body = blend(torso, circle(x, y, head_x, head_y, 0.28), 0.3)
    pen.part(body, "main", dome=0.38, rise=0.05)
    breast = ellipse(*turned(x, y, 0.22, -0.2, 0.8, 0.6), 0.0, 0.0, 0.4, 0.25)
    pen.detail(both(breast, body + 0.03), "light", strength=0.75)
    _wing(pen)
    pen.detail(circle(x, y, head_x + 0.1, head_y + 0.06, 0.075), "light")
    pen.detail(circle(x, y, head_x + 0.11, head_y + 0.06, 0.05), "dark")


def _wing(pen: Pen) -> None:
    x, y = pen.x, pen.y
    wing = turned(x, y, -0.2, -0.02, 0.93, 0.37)
    # A drop: round at the shoulder, pointed towards the tail.
    narrowing = 0.62 + 0.75 * (wing[0] + 0.1).clamp(-0.4, 0.4)
    feathers = ellipse(wing[0], wing[1] / narrowing, 0.0, 0.0, 0.46, 0.29)
    pen.part(feathers, "second", dome=0.2, rise=0.22)
    for bar in (-0.02, -0.12):
        stroke = (wing[1] - bar - 0.12 * wing[0]).abs_() - 0.014
        pen.detail(both(feathers + 0.03, stroke, wing[0] - 0.12), "dark", strength=0.4)


def cat(pen: Pen) -> None:
    x, y = pen.x, pen.y
    tip = pen.vary(0, -0.25, 0.2)
    tail = union(
        both(ring(x, y, 0.42, -0.55, 0.32, 0.085), y + 0.55),
        segment(x, y, 0.74, -0.55, 0.66, tip, 0.085, 0.8),
    )
    tail = union(tail, circle(x, y, 0.12, -0.6, 0.1))
    pen.part(tail, pen.shade("main", 0.88), dome=0.1)
    stout = pen.vary(1, 0.42, 0.54)
    body = blend(ellipse(x, y, 0.0, -0.55, stout, 0.42), ellipse(x, y, 0.0, -0.15, 0.33, 0.42), 0.3)
    pen.part(body, "main", dome=0.35)
    pen.detail(both(body + 0.03, ellipse(x, y, 0.0, -0.35, 0.2, 0.34)), "light", strength=0.8)
    for cx in (-0.17, 0.17):
        pen.part(ellipse(x, y, cx, -0.87, 0.16, 0.1), "second", dome=0.12, rise=0.1)
    ear = pen.vary(2, 0.85, 0.97)
    for side in (-1.0, 1.0):
        _ear(pen, side, ear)
    face = ellipse(x, y, 0.0, 0.3, pen.vary(3, 0.46, 0.54), 0.38)
    pen.part(face, "main", dome=0.35, rise=0.12)
    tabby = torch.where(pen.form[:, 4, None, None] < 0.5, 0.0, 9.0)
    marks = union(*(segment(x, y, cx, 0.68, cx * 0.8, 0.5, 0.03) for cx in (-0.16, 0.0, 0.16)))
    pen.detail(marks + tabby, pen.shade("second", 0.6))
    _face(pen)


def _ear(pen: Pen, side: float, tip: Tensor) -> None:
    x, y = pen.x * side, pen.y
    ear = convex(x, y, (0.08, 0.5), (0.46, 0.35), (0.44, tip))
    pen.part(ear - 0.015, "main", dome=0.12, rise=0.1)
    pen.detail(convex(x, y, (0.2, 0.5), (0.4, 0.42), (0.395, tip - 0.12)), "accent", strength=0.8)


def _face(pen: Pen) -> None:
    x, y = pen.x, pen.y
    pen.detail(
        union(circle(x, y, -0.09, 0.13, 0.12), circle(x, y, 0.09, 0.13, 0.12)),
        "light",
        strength=0.85,
    )
    for cx in (-0.2, 0.2):
        pen.detail(ellipse(x, y, cx, 0.36, 0.1, 0.11), "iris")
        pen.detail(ellipse(x, y, cx, 0.36, 0.045, 0.095), "dark")
        pen.detail(circle(x, y, cx + 0.03, 0.4, 0.022), "light")
    pen.detail(convex(x, y, (0.0, 0.16), (0.065, 0.235), (-0.065, 0.235)), "dark")
    pen.detail(
        union(
            segment(x, y, 0.0, 0.16, -0.08, 0.08, 0.014),
            segment(x, y, 0.0, 0.16, 0.08, 0.08, 0.014),
        ),
        "dark",
    )
    for cy in (0.17, 0.1):
        whiskers = segment(x.abs(), y, 0.16, cy, 0.62, cy * 1.8 - 0.08, 0.01)
        pen.part(whiskers, "light", dome=0.02, rise=0.25)
