"""Representations compared: accuracy against the number of labels, and what is left when pictures change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from matplotlib.axes import Axes

from course_utils.plots.contrast import readable
from course_utils.plots.explain import MARKERS
from course_utils.plots.picture import (
    BLUE,
    BROWN,
    GREEN,
    GREY,
    INK,
    PINE,
    PURPLE,
    VERMILLION,
    Picture,
    new,
    percent,
    sentence,
    styled,
)


class Figure(Protocol):
    """A mean and a standard deviation, fractions; `results.Measured` is one."""

    @property
    def mean(self) -> float: ...

    @property
    def spread(self) -> float: ...


# The same colour and marker for a method in every figure. Anything else takes what is left.
COLOURS = {
    "SimCLR": BLUE,
    "rotation": VERMILLION,
    "patches": GREEN,
    "supervised": PURPLE,
    "random encoder": GREY,
    "from scratch": INK,
}
_FURTHER = (BROWN, PINE, "#000000")


@styled
def label_efficiency(
    curves: Mapping[str, Mapping[int, Figure]],
    *,
    title: str,
    unit: str = "test accuracy",
    chance: float | None = 0.1,
    highlight: Sequence[str] = (),
) -> Picture:
    """Accuracy against the number of labels, on a logarithmic axis: one curve a method.

    Each curve is named at both its ends, in its colour; the whiskers are standard deviations over seeds.

    Args:
        curves: method -> labels a class -> accuracy (`results.label_curves()` gives them).
        unit: what the vertical axis says.
        chance: accuracy of guessing, a dotted line.
        highlight: methods drawn thick, the others then thin; none: all alike.

    Raises:
        ValueError: no curve, or curves of different numbers of labels.
    """
    labels = _common(curves)
    told = "; ".join(
        f"{method}: " + ", ".join(f"{percent(curve[n].mean)} at {n}" for n in labels)
        for method, curve in curves.items()
    )
    picture = new(10, 5.4, title=title, alt=sentence(title, f"{unit} by labels a class. {told}"))
    ax = picture.subplots()
    for place, (method, curve) in enumerate(curves.items()):
        ax.errorbar(
            labels,
            [curve[n].mean for n in labels],
            yerr=[curve[n].spread for n in labels],
            color=_colour(method, place),
            marker=MARKERS[place % len(MARKERS)],
            linewidth=1.3 if highlight and method not in highlight else 2.4,
            capsize=3,
            elinewidth=1.2,
        )
    if chance is not None:
        ax.axhline(chance, color=GREY, linestyle=":", linewidth=1.5)
        ax.text(labels[-1], chance, "guessing", ha="right", va="bottom", color=INK, fontsize=10)
    _name_at_the_ends(ax, curves, labels)
    ax.set_xscale("log")
    reach = (labels[-1] / labels[0]) ** 0.46 if len(labels) > 1 else 3.0
    ax.set_xlim(labels[0] / reach, labels[-1] * reach)
    ax.set_xticks(labels, [f"{n:,}" for n in labels])
    ax.minorticks_off()
    ax.set_xlabel("labels a class (logarithmic)")
    _percent_axis(ax, unit)
    ax.grid(axis="y")
    return picture


def _common(curves: Mapping[str, Mapping[int, Figure]]) -> list[int]:
    if not curves:
        raise ValueError("no curve to draw: `curves` is empty")
    numbers = {method: sorted(curve) for method, curve in curves.items()}
    first, labels = next(iter(numbers.items()))
    for method, there in numbers.items():
        if there != labels or not labels:
            raise ValueError(
                f"{method!r} was measured with {there} labels a class, but {first!r} with {labels}: "
                "give all the same"
            )
    return labels


def _name_at_the_ends(
    ax: Axes, curves: Mapping[str, Mapping[int, Figure]], labels: list[int]
) -> None:
    """'method 55.1 %' left of the first point, '93.0 % method' right of the last, none on top of another."""
    for end, side in ((labels[0], -1), (labels[-1], 1)):
        heights = spread_out([curve[end].mean for curve in curves.values()], apart=0.052)
        for place, ((method, curve), y) in enumerate(zip(curves.items(), heights, strict=True)):
            number = percent(curve[end].mean)
            ax.annotate(
                f"{method}  {number}" if side < 0 else f"{number}  {method}",
                xy=(end, curve[end].mean),
                xytext=(end * 1.2**side, y),
                color=readable(_colour(method, place)),
                ha="right" if side < 0 else "left",
                va="center",
                fontsize=10,
                fontweight="bold",
                arrowprops={
                    "arrowstyle": "-",
                    "color": _colour(method, place),
                    "linewidth": 0.8,
                    "relpos": (1, 0.5) if side < 0 else (0, 0.5),
                },
            )


def spread_out(values: Sequence[float], apart: float) -> list[float]:
    """The values moved as little as it takes to lie `apart` from each other, in their order."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    groups: list[tuple[float, list[int]]] = []  # (centre, members in ascending order)
    for i in order:
        groups.append((values[i], [i]))
        while len(groups) > 1 and _collide(groups[-2], groups[-1], apart):
            (low, members), (high, more) = groups[-2:]
            together = members + more
            centre = (low * len(members) + high * len(more)) / len(together)
            groups[-2:] = [(centre, together)]
    moved = [0.0] * len(values)
    for centre, members in groups:
        for place, i in enumerate(members):
            moved[i] = centre + (place - (len(members) - 1) / 2) * apart
    return moved


def _collide(low: tuple[float, list[int]], high: tuple[float, list[int]], apart: float) -> bool:
    reach = (len(low[1]) + len(high[1])) / 2 * apart
    return high[0] - low[0] < reach - 1e-12


@styled
def representations(
    values: Mapping[str, Mapping[str, Figure]],
    *,
    title: str,
    unit: str = "test accuracy",
    chance: float | None = 0.1,
    columns: int = 3,
) -> Picture:
    """Several representations under several conditions: a panel a condition, a bar a representation.

    Args:
        values: what was done to the pictures -> method -> accuracy (`results.robustness()` gives them).
        unit: what the horizontal axes say.
        chance: accuracy of guessing, a dotted line.
        columns: panels side by side.

    Raises:
        ValueError: no panel, or panels that compare different methods.
    """
    if not values:
        raise ValueError("no panel to draw: `values` is empty")
    methods = list(next(iter(values.values())))
    for condition, group in values.items():
        if list(group) != methods:
            raise ValueError(
                f"{condition!r} compares {', '.join(group)}, but the first panel {', '.join(methods)}: "
                "give all the same"
            )
    told = "; ".join(
        f"{condition}: " + ", ".join(f"{m} {percent(v.mean)}" for m, v in group.items())
        for condition, group in values.items()
    )
    columns = min(columns, len(values))
    rows = math.ceil(len(values) / columns)
    height = 1.0 + rows * (0.75 + 0.3 * len(methods))
    picture = new(10, height, title=title, alt=sentence(title, f"{unit}. {told}"))
    axes = picture.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[len(values) :]:
        ax.axis("off")
    for ax, (condition, group) in zip(axes.flat, values.items(), strict=False):
        _panel(ax, group, chance)
        ax.set_title(condition)
        ax.set_xlabel(unit, fontsize=10)
    axes[0, 0].set_yticks(range(len(methods)), methods)
    axes[0, 0].set_ylim(len(methods) - 0.5, -0.5)
    return picture


def _panel(ax: Axes, group: Mapping[str, Figure], chance: float | None) -> None:
    for place, (method, value) in enumerate(group.items()):
        ax.barh(
            place,
            value.mean,
            xerr=value.spread,
            color=_colour(method, place),
            height=0.66,
            error_kw={"elinewidth": 1.2, "capsize": 2, "ecolor": INK},
        )
        ax.text(
            value.mean + value.spread, place, f" {percent(value.mean)}", va="center", fontsize=9.5
        )
    if chance is not None:
        ax.axvline(chance, color=GREY, linestyle=":", linewidth=1.5)
    ax.set_xlim(0, 1.28)
    ax.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])


def _percent_axis(ax: Axes, unit: str) -> None:
    ax.set_ylim(0, 1.08)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_ylabel(unit)


def _colour(method: str, place: int) -> str:
    return COLOURS.get(method, _FURTHER[place % len(_FURTHER)])
