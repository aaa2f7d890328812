"""Methods beside the simple rivals that they have to beat: each task in its own panel and unit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_utils.plots.labels import Figure
from course_utils.plots.picture import BLUE, GREY, INK, Picture, new, percent, sentence, styled


@styled
def against_baselines(
    tasks: Mapping[str, Mapping[str, Figure]],
    *,
    title: str,
    unit: str | Mapping[str, str],
    highlight: Sequence[str] = ("network",),
    columns: int = 2,
) -> Picture:
    """A panel a task, a bar for everybody who was measured at it; whiskers are standard deviations over seeds.

    Args:
        tasks: task -> who -> a fraction with its spread (`results.beyond()` has them).
        unit: what the axes say, one for all or one for each task.
        highlight: those whose bars stand out, the methods; the others are their rivals.
        columns: panels side by side.

    Raises:
        ValueError: no task, a task at which nobody was measured, or a task without its unit.
    """
    if not tasks or not all(tasks.values()):
        raise ValueError(
            "nothing to draw: give at least one task, each with somebody measured at it"
        )
    units = {task: unit for task in tasks} if isinstance(unit, str) else unit
    if missing := [task for task in tasks if task not in units]:
        raise ValueError(f"no unit for {', '.join(missing)}: name one in `unit`")
    told = "; ".join(
        f"{task} ({units[task]}): "
        + ", ".join(f"{who} {percent(v.mean)}" for who, v in group.items())
        for task, group in tasks.items()
    )
    columns = min(columns, len(tasks))
    rows = math.ceil(len(tasks) / columns)
    most = max(len(group) for group in tasks.values())
    picture = new(10, 0.8 + rows * (0.8 + 0.34 * most), title=title, alt=sentence(title, told))
    axes = picture.subplots(rows, columns, squeeze=False)
    for ax in axes.flat[len(tasks) :]:
        ax.axis("off")
    for ax, (task, group) in zip(axes.flat, tasks.items(), strict=False):
        _bars(ax, group, highlight)
        ax.set_ylim(most - 0.4, -0.6)
        ax.set_title(task, loc="left")
        ax.set_xlabel(units[task], fontsize=10, loc="right")  # room is on the left, below names
    return picture


def _bars(ax: Axes, group: Mapping[str, Figure], highlight: Sequence[str]) -> None:
    for place, (who, value) in enumerate(group.items()):
        ax.barh(
            place,
            value.mean,
            xerr=value.spread,
            color=BLUE if who in highlight else GREY,
            height=0.68,
            error_kw={"elinewidth": 1.2, "capsize": 2, "ecolor": INK},
        )
        ax.text(
            value.mean + value.spread, place, f" {percent(value.mean)}", va="center", fontsize=10
        )
    ax.set_xlim(0, 1.25 * max(v.mean + v.spread for v in group.values()) or 1)
    ax.xaxis.set_major_formatter(lambda fraction, _: f"{100 * fraction:g} %")
    ax.locator_params(axis="x", nbins=5)
    ax.set_yticks(range(len(group)), list(group))
    for label, who in zip(ax.get_yticklabels(), group, strict=True):
        label.set_fontweight("bold" if who in highlight else "normal")
