"""Robustness in numbers: models side by side, corruptions at five severities, and their error curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from torch import Tensor

from course_utils.plots.explain import MARKERS
from course_utils.plots.picture import (
    BLUE,
    GREY,
    HATCHES,
    INK,
    PALETTE,
    VERMILLION,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)


@styled
def side_by_side(
    values: Mapping[str, Mapping[str, float]],
    *,
    title: str,
    unit: str,
    chance: float | None = None,
) -> Picture:
    """For each name a group of bars, one for each thing measured; every group has the same ones.

    Args:
        values: name (a model) -> what was measured -> fraction in [0, 1].
        unit: what the axis says, for instance 'accuracy on 200 test pictures'.
        chance: what guessing would give, a dotted line.

    Raises:
        ValueError: the groups don't measure the same things.
    """
    measures = list(next(iter(values.values())))
    for name, group in values.items():
        if list(group) != measures:
            raise ValueError(
                f"{name!r} measures {', '.join(group)}, but the first one {', '.join(measures)}: "
                "give all the same"
            )
    told = "; ".join(
        f"{name}: " + ", ".join(f"{what} {percent(value)}" for what, value in group.items())
        for name, group in values.items()
    )
    thick = 0.8 / len(measures)
    height = 1.5 + len(values) * (0.3 + 0.26 * len(measures))
    picture = new(10, height, title=title, alt=sentence(title, f"{unit}: {told}"))
    ax = picture.subplots()
    for row, group in enumerate(values.values()):
        for place, value in enumerate(group.values()):
            y = row - 0.4 + thick * (place + 0.5)
            ax.barh(y, value, color=PALETTE[place], hatch=HATCHES[place], height=0.9 * thick)
            ax.text(value, y, f" {percent(value)}", va="center", fontsize=10)
    # Bars of no length: a group's first bar may be too short to take a colour from.
    for place, what in enumerate(measures):
        ax.barh(0, 0, color=PALETTE[place], hatch=HATCHES[place], label=what)
    _fraction_axis(ax, unit)
    if chance is not None:
        ax.axvline(chance, color=GREY, linestyle=":", linewidth=1.5)
        ax.text(chance, -0.5, "guessing", color=INK, fontsize=9, ha="center", va="bottom")
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.5, -0.5)
    picture.legend(loc="outside lower center", ncols=len(measures), fontsize=10)
    return picture


def _fraction_axis(ax, unit: str) -> None:
    ax.set_xlim(0, 1.1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel(unit)


@styled
def corruption_grid(
    images: Tensor,
    names: Sequence[str],
    *,
    title: str,
    right: Tensor | None = None,
    answers: Sequence[Sequence[str]] | None = None,
) -> Picture:
    """One picture spoilt in several ways: a row for each corruption, a column for each severity.

    Args:
        images: (K, S, 3, H, W) in [0, 1], severities 1 to S from left to right.
        names: K names of corruptions.
        right: (K, S) bool, whether the network still names it right: a blue frame, or an orange one.
        answers: K rows of S words, what the network says; written below each picture.
    """
    rows, columns = images.shape[:2]
    told = _told_of_grid(names, right)
    height = 1.0 + rows * (7.9 / columns + (0.08 if answers is None and right is None else 0.28))
    picture = new(10, height, title=title, alt=sentence(title, told))
    axes = picture.subplots(rows, columns, squeeze=False)
    for k, name in enumerate(names):
        for s in range(columns):
            ax = axes[k, s]
            good = None if right is None else bool(right[k, s])
            frame = None if good is None else BLUE if good else VERMILLION
            draw_image(ax, images[k, s], frame=frame)
            mark = "" if good is None else "✓" if good else "✗"
            ax.set_xlabel(f"{answers[k][s]} {mark}".rstrip() if answers else mark, fontsize=10)
        axes[k, 0].set_ylabel(name.replace("_", " "), fontsize=12)
    for s in range(columns):
        axes[0, s].set_title(f"severity {s + 1}")
    return picture


def _told_of_grid(names: Sequence[str], right: Tensor | None) -> str:
    if right is None:
        return f"Rows: {', '.join(names)}; the severity grows from left to right"
    return "Severities named right: " + "; ".join(
        f"{name}: {', '.join(str(s + 1) for s, good in enumerate(row) if good) or 'none'}"
        for name, row in zip(names, right.tolist(), strict=True)
    )


@styled
def error_curves(
    errors: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    title: str,
    clean: Mapping[str, float] | None = None,
    columns: int = 4,
) -> Picture:
    """The error against the severity: a panel for each corruption, a curve for each model.

    Args:
        errors: model -> corruption -> error rates (fractions) at severities 1, 2, …
        clean: model -> its error on the clean pictures, drawn as severity 0.
    """
    corruptions = list(next(iter(errors.values())))
    told = "; ".join(
        f"{name}: " + ", ".join(f"{model} {percent(e[name][-1])}" for model, e in errors.items())
        for name in corruptions
    )
    columns = min(columns, len(corruptions))
    rows = math.ceil(len(corruptions) / columns)
    alt = sentence(title, f"Error at the highest severity: {told}")
    picture = new(10, 1.3 + 1.75 * rows, title=title, alt=alt)
    axes = picture.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, ax in enumerate(axes.flat):
        if place >= len(corruptions):
            ax.axis("off")
            continue
        _error_panel(ax, corruptions[place], errors, clean)
        if place % columns == 0:
            ax.set_ylabel("error")
        ax.set_xlabel("severity", fontsize=10)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=len(errors), fontsize=11)
    return picture


def _error_panel(ax, name: str, errors: Mapping, clean: Mapping[str, float] | None) -> None:
    for (model, curves), colour, marker in zip(errors.items(), PALETTE, MARKERS, strict=False):
        curve = list(curves[name])
        first = 1 if clean is None else 0
        values = curve if clean is None else [clean[model], *curve]
        severities = range(first, first + len(values))
        ax.plot(
            severities,
            values,
            color=colour,
            marker=marker,
            markersize=4,
            label=model,
            linewidth=1.6,
        )
    ax.set_title(name.replace("_", " "), fontsize=11)
    ax.set_ylim(-0.03, 1)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.set_xticks(list(severities))
    ax.grid(axis="y")
