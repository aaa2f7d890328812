"""The distribution of a class's scores, as the numbers of a drawing and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.table import number

_BINS = 10
# The drawing's inner part, in the units of its view box.
_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 620.0, 34.0, 200.0


def histogram(scores: Sequence[float], most: float) -> dict[str, Any]:
    """Ten bars from 0 to `most` points; a full score is in the last one.

    Returns:
        `bars` (count and rectangle of each), `ticks`, and `alt`: the same in words.
    """
    counts = [0] * _BINS
    for score in scores:
        counts[min(_BINS - 1, max(0, int(_BINS * score / most)))] += 1
    step, highest = (_RIGHT - _LEFT) / _BINS, max([*counts, 1])
    bars = []
    for index, count in enumerate(counts):
        height = round((_BOTTOM - _TOP) * count / highest, 1)
        x = _LEFT + index * step
        bars.append(
            {
                **{"count": count, "x": x + 2, "width": step - 4, "middle": x + step / 2},
                **{"height": height, "y": round(_BOTTOM - height, 1)},
            }
        )
    edges = [number(round(most * index / _BINS, 2)) for index in range(_BINS + 1)]
    ticks = [{"x": _LEFT + index * step, "label": edge} for index, edge in enumerate(edges)]
    return {"bars": bars, "ticks": ticks, "alt": _words(counts, edges)}


def _words(counts: Sequence[int], edges: Sequence[str]) -> str:
    told = []
    for index, count in enumerate(counts):
        if count:
            last = index == _BINS - 1
            upto = (
                f"{edges[index]} to {edges[index + 1]}"
                if last
                else f"{edges[index]} to under {edges[index + 1]}"
            )
            told.append(f"{count} with {upto}")
    students = "1 student" if sum(counts) == 1 else f"{sum(counts)} students"
    return f"Points of {students}: {', '.join(told)}." if told else "Nobody has a score."
