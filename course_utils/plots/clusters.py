"""Clusters seen: a row of pictures each, the classes that they hold, and how well they fit these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.plots.contrast import ink_on, readable
from course_utils.plots.labels import COLOURS, Figure
from course_utils.plots.picture import (
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    Picture,
    new,
    outline,
    percent,
    sentence,
    styled,
)

GAP = 0.12  # between pictures, in widths of a picture
LEFT = 1.75  # inches, of the names
# What has learnt nothing is dark or grey; every method that learns has a colour of its own.
BARS = {
    **COLOURS,
    "pixels": INK,
    "edges": INK,
    "by lot": GREY,
    "DeepCluster": ORANGE,
    "DeepCluster from rotation": SKY,
}


@styled
def cluster_rows(
    pictures: Tensor,
    assignments: Tensor,
    labels: Tensor,
    classes: Sequence[str],
    *,
    title: str,
    shown: int = 10,
    most: int = 10,
) -> Picture:
    """A row of pictures a cluster, the purest on top; each row is named after its commonest class.

    The first pictures of each cluster are shown, as they come. Those of another class than the row's have
    an orange frame and a cross in the corner.

    Args:
        pictures: (N, 3, H, W) in [0, 1].
        assignments: (N,) int64, clusters.
        labels: (N,) int64, classes; for the names and the crosses only.
        classes: names of the classes.
        title: what to see.
        shown: pictures a row.
        most: rows at most; of more clusters the purest and the least pure ones are shown.

    Raises:
        ValueError: not one assignment and one label a picture.
    """
    table = _table(assignments, labels, len(classes), len(pictures))  # (K, C)
    commonest, purity = table.argmax(dim=1), table.max(dim=1).values / table.sum(dim=1).clamp_min(1)
    rows = _ends([k for k in _purest_first(purity) if int(table[k].sum())], most)
    says = {
        k: f"{classes[int(commonest[k])]}: {percent(float(purity[k]))} of {int(table[k].sum())}"
        for k in rows
    }
    left_out = int((table.sum(dim=1) > 0).sum()) - len(rows)
    told = f"Clusters, each with its commonest class and that class's share: {'; '.join(says.values())}"
    if left_out:
        told += f"; {left_out} clusters between these are not shown"
    cell = (10 - LEFT - 0.15) / shown
    picture = new(10, 0.8 + cell * len(rows), title=title, alt=sentence(title, told), fixed=True)
    height = picture.get_figheight()
    ax = picture.add_axes(
        (LEFT / 10, 0.1 / height, 1 - (LEFT + 0.15) / 10, cell * len(rows) / height)
    )
    note = "a row a cluster, named after its commonest class; ✗: another class"
    if left_out:
        note += f"; {left_out} rows between these left out"
    ax.set_xlabel(note, loc="left", fontsize=10)
    ax.xaxis.set_label_position("top")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_xlim(0, shown)
    ax.set_ylim(len(rows), 0)
    for line, k in enumerate(rows):
        name, share = says[k].split(": ")
        ax.text(-0.12, line + 0.32, name, ha="right", va="center", fontsize=11, fontweight="bold")
        ax.text(-0.12, line + 0.62, share, ha="right", va="center", fontsize=10)
        members = (assignments.cpu() == k).nonzero()[:shown, 0].tolist()
        for column, at in enumerate(members):
            _thumbnail(ax, pictures[at], column, line, wrong=int(labels[at]) != int(commonest[k]))
    return picture


def _thumbnail(ax: Axes, image: Tensor, column: int, row: int, *, wrong: bool) -> None:
    left, top, side = column + GAP / 2, row + GAP / 2, 1 - GAP
    pixels = image.detach().cpu().permute(1, 2, 0).clamp(0, 1).numpy()
    ax.imshow(pixels, extent=(left, left + side, top + side, top), aspect="auto", zorder=1)
    if not wrong:
        return
    ax.add_patch(
        Rectangle((left, top), side, side, fill=False, edgecolor=VERMILLION, linewidth=3, zorder=2)
    )
    badge = 0.26
    ax.add_patch(
        Rectangle(
            (left + side - badge, top), badge, badge, facecolor=readable(VERMILLION), zorder=3
        )
    )
    ax.text(
        left + side - badge / 2, top + badge / 2, "✗", ha="center", va="center",
        fontsize=10, fontweight="bold", color="white", zorder=4,
    )  # fmt: skip


@styled
def cluster_accuracies(
    measured: Mapping[str, Figure],
    *,
    title: str,
    unit: str = "cluster accuracy",
    chance: float | None = None,
) -> Picture:
    """Cluster accuracies side by side: a bar an encoder, the deviation over seeds as a whisker.

    Args:
        measured: encoder -> mean and spread (`results.Measured` is such a thing), fractions.
        title: what to see.
        unit: what the axis says.
        chance: of clusters that have nothing to do with the classes, a dotted line.

    Raises:
        ValueError: nothing measured.
    """
    if not measured:
        raise ValueError("no bar to draw: `measured` is empty")
    told = "; ".join(
        f"{name} {percent(one.mean)} ± {100 * one.spread:.1f}" for name, one in measured.items()
    )
    height = 1.35 + 0.46 * len(measured)
    picture = new(10, height, title=title, alt=sentence(title, f"{unit}. {told}"))
    ax = picture.subplots()
    for place, (name, one) in enumerate(measured.items()):
        whisker = {"elinewidth": 1.4, "capsize": 3, "ecolor": INK}
        look: dict[str, Any] = {"color": BARS.get(name, ORANGE), "edgecolor": INK, "linewidth": 0.8}
        ax.barh(place, one.mean, xerr=one.spread, height=0.66, error_kw=whisker, **look)
        ax.text(one.mean + one.spread + 0.008, place, percent(one.mean), va="center")
    if chance is not None:
        ax.axvline(chance, color=GREY, linestyle=":", linewidth=1.8)
        ax.text(chance, -0.62, " clusters by lot", va="bottom", fontsize=10)
    ax.set_yticks(range(len(measured)), list(measured))
    ax.set_ylim(len(measured) - 0.5, -1.05 if chance is not None else -0.6)
    ax.set_xlim(0, 1.1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel(unit)
    return picture


@styled
def cluster_table(
    assignments: Tensor, labels: Tensor, classes: Sequence[str], *, title: str
) -> Picture:
    """How many pictures of each class lie in each cluster, and which cluster is matched with which class.

    The rows are ordered so that the matched ones come down the diagonal, with a frame. The numbers in frames
    are the pictures that cluster accuracy counts as right.

    Args:
        assignments: (N,) int64, clusters.
        labels: (N,) int64, classes.
        classes: names of the classes.

    Raises:
        ValueError: not one assignment and one label each.
    """
    from scipy.optimize import linear_sum_assignment

    table = _table(assignments, labels, len(classes), len(labels))
    clusters, matched = (
        side.tolist() for side in linear_sum_assignment(table.numpy(), maximize=True)
    )
    partner = dict(zip(clusters, matched, strict=True))
    order = sorted(partner, key=partner.__getitem__)
    order += [k for k in range(len(table)) if k not in partner]
    right = sum(int(table[k, c]) for k, c in partner.items())
    told = "; ".join(
        f"cluster {k}, matched with {classes[partner[k]]}: {int(table[k, partner[k]])} of {int(table[k].sum())}"
        if k in partner else f"cluster {k}, matched with none, {int(table[k].sum())}"
        for k in order
    )  # fmt: skip
    summary = f"In frames {right} of {len(labels)} pictures: {percent(right / len(labels))}"
    picture = new(10, 1.8 + 0.36 * len(order), title=title, alt=sentence(title, summary, told))
    ax = picture.subplots()
    drawn = ax.imshow(
        table[order].numpy(), cmap="Blues", vmin=0, vmax=1.15 * float(table.max()), aspect="auto"
    )
    for line, k in enumerate(order):
        for column, count in enumerate(table[k].tolist()):
            ink = ink_on(drawn.to_rgba(count))
            ax.text(column, line, str(count), ha="center", va="center", fontsize=10.5, color=ink)
        if k in partner:
            corner = (partner[k] - 0.46, line - 0.44)
            outline(ax, corner, 0.92, 0.88, VERMILLION)
    ax.set_xticks(range(len(classes)), classes, fontsize=10)
    ax.set_yticks(range(len(order)), [f"cluster {k}" for k in order], fontsize=10)
    ax.set_xlabel(f"class. {summary}")
    return picture


def _table(assignments: Tensor, labels: Tensor, classes: int, pictures: int) -> Tensor:
    """(K, C) int64: pictures of each class in each cluster."""
    if not len(assignments) == len(labels) == pictures or not pictures:
        raise ValueError(
            f"{pictures} pictures, {len(assignments)} assignments and {len(labels)} labels: "
            "give one of each a picture, and at least one"
        )
    clusters = int(assignments.max()) + 1
    pairs = assignments.cpu() * classes + labels.cpu()
    return torch.bincount(pairs, minlength=clusters * classes).view(clusters, classes)


def _purest_first(purity: Tensor) -> list[int]:
    return purity.sort(descending=True, stable=True).indices.tolist()


def _ends(ordered: list[int], most: int) -> list[int]:
    if len(ordered) <= most:
        return ordered
    bottom = most // 2
    return ordered[: most - bottom] + ordered[len(ordered) - bottom :]
