"""Twelve heads of hair. Each has a part behind the head and a part on it.

What lies on the head is its outline, grown by the hair's volume, without an opening for the face.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..world.sdf import blend, both, box, circle, convex, ellipse, segment, union, without
from .sitter import Sitter

Coiffeur = Callable[[Sitter], None]


def _nothing(s: Sitter) -> None:
    """No hair, or none on this side of the head."""


def _side(s: Sitter) -> Tensor:
    """On which side this person parts the hair: x runs towards it."""
    return torch.where(s.trait("parting", -1, 1) > 0, 1.0, -1.0)


def _cap(s: Sitter, opening: Tensor, volume: Tensor | float, low: float = -0.1) -> Tensor:
    """Hair on the head, down to `low`, with an opening for the face; thinner towards the ears."""
    _, y = s.before(0.0)
    thick = volume * ((y - low) * 2.2 + 0.25).clamp(0.25, 1.0)
    return both(without(s.head - thick, opening), low - y)


def _lay(s: Sitter, hair: Tensor) -> None:
    """Lays hair on the head: a soft shadow on the skin below it, then strands from the crown."""
    pen = s.pen
    x, y = s.before(0.2)
    for reach in (0.09, 0.05):
        pen.detail(both(hair - reach, s.head), pen.shade("main", 0.75), strength=0.3)
    # The hair is as round as the head below it, not rounded at the edge where it was cut.
    pen.part(hair, "hair", dome=0.6, rise=0.04, bend=s.head - 0.15)
    pen.detail(_strands(s, x, y, hair), pen.shade("hair", 0.62), strength=0.35)
    sheen = both(ellipse(x, y, 0.0, 0.05, 0.60, 0.70).abs() - 0.03, hair + 0.05, x.abs() - 0.3)
    pen.detail(both(sheen, 0.3 - y), pen.shade("hair", 1.5), strength=0.25)


def _strands(s: Sitter, x: Tensor, y: Tensor, hair: Tensor) -> Tensor:
    """Thin lines that fan out from the crown and wave a little."""
    crown = s.trait("crown", -0.25, 0.25)
    around = torch.atan2(x - crown, 1.1 - y) + 0.05 * (y * 9).sin()
    return both((0.80 - (around * s.trait("strands", 16, 26)).cos()) * 0.035, hair + 0.02)


def _opening(s: Sitter, top: float, wide: float = 0.60) -> Tensor:
    """The face, from below up to `top`."""
    x, y = s.before(0.3)
    return union(ellipse(x, y, 0.0, top - 0.55, wide, 0.55), box(x, y, 0.0, -0.6, wide, 0.7, 0.2))


def _bald_ring(s: Sitter) -> None:
    """Hair over the ears only."""
    x, y = s.before(0.1)
    puffs = ellipse(x.abs(), y, 0.74, 0.22, s.trait("puffs", 0.12, 0.22), 0.24)
    s.pen.part(puffs + s.unless("ring", 0.6), "hair", dome=0.15)


def _crop(s: Sitter) -> None:
    _lay(s, _cap(s, _opening(s, 0.62), s.trait("volume", 0.05, 0.11), 0.0))


def _side_part(s: Sitter) -> None:
    x, y = s.before(0.3)
    x = x * _side(s)
    swoop = union(
        ellipse(x, y, 0.22, -0.05, 0.62, 0.60), ellipse(x, y, -0.1, -0.3, 0.58, 0.62)
    )  # fmt: skip
    _lay(s, _cap(s, swoop, s.trait("volume", 0.09, 0.18), -0.15))


def _fringe(s: Sitter) -> Tensor:
    """The opening under a straight fringe."""
    x, y = s.before(0.3)
    return box(x, y, 0.0, -0.6, s.trait("fringe", 0.48, 0.58), 1.02, 0.12)


def _bob_behind(s: Sitter) -> None:
    x, y = s.before(-0.15)
    long = s.trait("bob", -0.75, -0.5)
    shape = union(
        ellipse(x, y, 0.0, 0.15, 0.95, 0.85), box(x, y, 0.0, long * 0.5, 0.90, -long * 0.5 + 0.1, 0.2)
    )  # fmt: skip
    s.pen.part(shape, s.pen.shade("hair", 0.78), dome=0.2)


def _bob(s: Sitter) -> None:
    _lay(s, _cap(s, _fringe(s), 0.12, -0.5))


def _long_behind(s: Sitter) -> None:
    x, y = s.before(-0.15)
    wide = s.trait("long", 0.78, 0.98)
    fall = convex(x, y, (-wide, -1.5), (wide, -1.5), (wide * 0.85, 0.3), (-wide * 0.85, 0.3)) - 0.08
    s.pen.part(blend(fall, ellipse(x, y, 0.0, 0.25, 0.86, 0.78), 0.2), s.pen.shade("hair", 0.78), dome=0.2)  # fmt: skip


def _curtains(s: Sitter) -> None:
    """Parted in the middle: two arches."""
    x, y = s.before(0.3)
    arches = union(
        ellipse(x.abs(), y, 0.24, -0.05, 0.36, 0.62), box(x, y, 0.0, -0.7, 0.58, 0.7, 0.2)
    )
    _lay(s, _cap(s, arches, 0.12, -0.6))


def _afro_behind(s: Sitter) -> None:
    x, y = s.before(-0.05)
    size = s.trait("afro", 0.92, 1.12)
    around = torch.atan2(x, y - 0.35)
    puffs = circle(x, y, 0.0, 0.35, size) - 0.035 * (around * 11).cos()
    s.pen.part(puffs, "hair", dome=0.5)


def _afro(s: Sitter) -> None:
    x, _ = s.before(0.3)
    edge = 0.03 * (x * 22).cos()
    _lay(s, _cap(s, _opening(s, 0.50, 0.56) + edge, 0.16, -0.05))


def _bun_behind(s: Sitter) -> None:
    x, y = s.before(-0.1)
    size = s.trait("bun", 0.24, 0.36)
    s.pen.part(circle(x, y, 0.0, 0.98, size), "hair", dome=0.2)


def _bun(s: Sitter) -> None:
    x, y = s.before(0.3)
    _lay(s, _cap(s, union(ellipse(x, y, 0.0, -0.1, 0.6, 0.68), _opening(s, 0.3)), 0.07, -0.05))


def _quiff(s: Sitter) -> None:
    x, y = s.before(0.25)
    x = x * _side(s)
    cap = _cap(s, _opening(s, 0.55, 0.58), 0.04, 0.05)
    tall = s.trait("quiff", 0.95, 1.2)
    wave = blend(
        ellipse(x, y, -0.12, 0.75, 0.50, 0.22), ellipse(x, y, 0.22, tall - 0.2, 0.34, 0.24), 0.3
    )
    _lay(s, blend(cap, wave, 0.15))


def _mohawk(s: Sitter) -> None:
    x, y = s.before(0.15)
    wide, tall = s.trait("mohawk", 0.15, 0.27), s.trait("crest", 0.95, 1.2)
    s.pen.detail(both(s.head + 0.01, 0.42 - y), "hair", strength=0.3)
    crest = blend(
        ellipse(x, y, 0.0, 0.62, wide, 0.22), ellipse(x, y, 0.0, tall - 0.3, wide * 0.8, 0.3), 0.2
    )
    s.pen.part(crest, "hair", dome=0.2, rise=0.1)
    s.pen.detail(_strands(s, x, y - 0.6, crest), s.pen.shade("hair", 0.62), strength=0.4)


def _curls_at(s: Sitter, depth: float, ring: tuple[tuple[float, float], ...]) -> Tensor:
    x, y = s.before(depth)
    size = s.trait("curl", 0.21, 0.29)
    return union(*(circle(x.abs(), y, cx, cy, size) for cx, cy in ring))


def _curls_behind(s: Sitter) -> None:
    falls = _curls_at(s, -0.1, ((0.82, 0.1), (0.86, -0.2), (0.82, -0.5), (0.66, 0.55), (0.3, 0.8)))
    s.pen.part(union(falls, s.head - 0.05), s.pen.shade("hair", 0.8), dome=0.16)


def _curls(s: Sitter) -> None:
    top = _curls_at(s, 0.2, ((0.0, 0.84), (0.3, 0.78), (0.56, 0.60), (0.70, 0.34), (0.74, 0.08)))
    _lay(s, union(top, _cap(s, _opening(s, 0.62), 0.06, 0.3)))


def _bunches_behind(s: Sitter) -> None:
    x, y = s.before(-0.1)
    low = s.trait("bunches", -0.9, -0.35)
    tails = segment(x.abs(), y, 0.80, 0.30, 1.06, low, 0.16, 1.3)
    s.pen.part(tails, "hair", dome=0.15)
    s.pen.part(circle(x.abs(), y, 0.82, 0.28, 0.12), "earring", dome=0.1)


def _bunches(s: Sitter) -> None:
    x, y = s.before(0.3)
    halves = ellipse(x.abs(), y, 0.26, -0.1, 0.36, 0.70)
    _lay(s, _cap(s, union(halves, _opening(s, 0.25)), 0.08, -0.05))


def _bowl(s: Sitter) -> None:
    _lay(s, _cap(s, _fringe(s), s.trait("volume", 0.14, 0.22), 0.02))


STYLES: tuple[tuple[Coiffeur, Coiffeur], ...] = (
    (_nothing, _bald_ring), (_nothing, _crop), (_nothing, _side_part), (_bob_behind, _bob),
    (_long_behind, _curtains), (_afro_behind, _afro), (_bun_behind, _bun), (_nothing, _quiff),
    (_nothing, _mohawk), (_curls_behind, _curls), (_bunches_behind, _bunches), (_nothing, _bowl),
    (_long_behind, _side_part), (_long_behind, _bob),
)  # fmt: skip
