"""The letters and digits on the plates, as signed distances: strokes of one width, like a road sign's."""

from __future__ import annotations

from torch import Tensor

from ..world.sdf import both, box, union, without


def word(
    text: str,
    x: Tensor,
    y: Tensor,
    *,
    cx: float = 0.0,
    cy: float = 0.0,
    half_width: float,
    half_height: float,
    stroke: float,
    gap: float,
) -> Tensor:
    """Distance to a line of text centred at (cx, cy).

    Args:
        text: of the characters "03 58 OPST".
        x, y: (N, H, W) coordinates, y up.
        half_width, half_height: of one character.
        stroke: half the width of a line.
        gap: between two characters.
    """
    advance = 2 * half_width + gap
    first = cx - advance * (len(text) - 1) / 2
    return union(
        *(
            _GLYPHS[character](x - first - k * advance, y - cy, half_width, half_height, stroke)
            for k, character in enumerate(text)
        )
    )


def _bowl(x: Tensor, y: Tensor, cy: float, w: float, h: float, t: float) -> Tensor:
    """A closed stroke: the outline of a box w x h (half sides) with round corners."""
    half_w, half_h = w - t, h - t
    return box(x, y, 0.0, cy, half_w, half_h, min(half_w, half_h) * 0.92).abs_().sub_(t)


def _lobes(h: float, t: float) -> tuple[float, float]:
    """Half height and centre of the upper of two stacked bowls that share their middle stroke."""
    half = (h + t) / 2
    return half, h - half


def _eight(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    half, centre = _lobes(h, t)
    return union(_bowl(x, y, centre, w, half, t), _bowl(x, y, -centre, w, half, t))


def _three(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    _, centre = _lobes(h, t)
    return without(_eight(x, y, w, h, t), both(x + 0.25 * w, y.abs() - centre))


def _five(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    half, centre = _lobes(h, t)
    low = without(_bowl(x, y, -centre, w, half, t), both(x + 0.2 * w, -y - centre))
    top = box(x, y, 0.0, h - t, w * 0.92, t)
    side = box(x, y, t - w * 0.92, h / 2, t, h / 2)
    shoulder = box(x, y, -0.45 * w, 0.0, w * 0.47, t)
    return union(low, top, side, shoulder)


def _zero(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    return _bowl(x, y, 0.0, w, h, t)


def _s(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    half, centre = _lobes(h, t)
    upper = without(_bowl(x, y, centre, w, half, t), both(-x, y - centre))
    lower = without(_bowl(x, y, -centre, w, half, t), both(x, -y - centre))
    return union(upper, lower)


def _t(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    return union(box(x, y, 0.0, h - t, w, t), box(x, y, 0.0, 0.0, t, h))


def _p(x: Tensor, y: Tensor, w: float, h: float, t: float) -> Tensor:
    half, centre = _lobes(h, t)
    stem = box(x, y, t - w, 0.0, t, h)
    bowl = both(_bowl(x, y, centre, w, half, t), -x)
    # Straight from the stem to where the bowl begins.
    bars = union(*(box(x, y, -0.45 * w, cy, 0.5 * w, t) for cy in (h - t, 0.0)))
    return union(stem, bowl, bars)


_GLYPHS = {
    "0": _zero, "3": _three, "5": _five, "8": _eight, "O": _zero, "P": _p, "S": _s, "T": _t,
}  # fmt: skip
