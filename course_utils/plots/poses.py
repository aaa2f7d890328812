"""A thing seen from all sides: the viewpoint sweep, every pose marked by what the network takes it for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from torch import Tensor

from course_utils.plots.contrast import readable
from course_utils.plots.physical import HATCH, KINDS, LOOKS, kind
from course_utils.plots.picture import Picture, draw_image, new, percent, sentence, styled

# Inches: the figure, the gap between poses, what a panel needs around its poses.
WIDTH, GAP, LEFT, BELOW, ABOVE = 10.0, 0.07, 0.62, 0.55, 0.42


@styled
def viewpoints(
    panels: Mapping[str, tuple[Tensor, Tensor]],
    *,
    truth: int,
    target: int,
    classes: Sequence[str],
    yaws: Sequence[float],
    pitches: Sequence[float],
    title: str,
) -> Picture:
    """A thing seen from a grid of viewpoints, each pose framed by what the network takes it for.

    Args:
        panels: name -> (images (P, Y, 3, H, W), answers (P, Y) int64): a row for each pitch, a column
            for each yaw. Two panels a row; the place after the last one holds the legend.
        truth, target: classes.
        yaws, pitches: in degrees, for the axes.

    Source of the form: Athalye, Engstrom, Ilyas and Kwok 2018, figure 1 (arXiv 1707.07397).
    """
    counts = {name: _counts(answers, truth, target) for name, (_, answers) in panels.items()}
    told = "; ".join(
        f"{name}: " + ", ".join(f"{what} {n} of {sum(c.values())}" for what, n in c.items())
        for name, c in counts.items()
    )
    pose = (WIDTH / 2 - LEFT - 0.1) / len(yaws) - GAP
    tall = ABOVE + len(pitches) * (pose + GAP) + BELOW
    rows = math.ceil((len(panels) + 1) / 2)
    height = 0.5 + rows * tall
    picture = new(WIDTH, height, title=title, alt=sentence(title, told), fixed=True)
    for index, (name, (images, answers)) in enumerate(panels.items()):
        corner = (index % 2 * WIDTH / 2 + LEFT, height - 0.5 - index // 2 * tall - ABOVE)
        share = percent(counts[name]["target"] / answers.numel())
        head = f"{name}: {share} read as {classes[target]}"
        picture.text(corner[0] / WIDTH, (corner[1] + 0.12) / height, head, fontsize=11.5)
        marks = [[kind(int(a), truth, target) for a in row] for row in answers]
        _poses(picture, images, marks, corner, pose, yaws, pitches)
    last = len(panels)
    top = height - 0.5 - last // 2 * tall - ABOVE
    left = last % 2 * WIDTH / 2
    _legend(picture, (left, top, tall - BELOW - 0.1), counts, classes[truth], classes[target])
    return picture


def _counts(answers: Tensor, truth: int, target: int) -> dict[str, int]:
    kinds = [kind(int(answer), truth, target) for answer in answers.flatten()]
    return {what: kinds.count(what) for what in KINDS}


def _poses(
    picture: Picture,
    images: Tensor,
    marks: Sequence[Sequence[str]],
    corner: tuple[float, float],
    pose: float,
    yaws: Sequence[float],
    pitches: Sequence[float],
) -> None:
    """The grid of poses, its upper left corner at `corner`, each `pose` wide, all in inches."""
    left, top = corner
    height = picture.get_figheight()
    for p, pitch in enumerate(pitches):
        bottom = (top - (p + 1) * (pose + GAP)) / height
        for y, yaw in enumerate(yaws):
            place = ((left + y * (pose + GAP)) / WIDTH, bottom, pose / WIDTH, pose / height)
            ax = picture.add_axes(place)
            colour, mark = LOOKS[marks[p][y]]
            draw_image(ax, images[p, y], frame=colour)
            _badge(ax, mark, colour)
            if p == len(pitches) - 1:
                ax.set_xlabel(f"{yaw:g}°", fontsize=9)
            if y == 0:
                ax.set_ylabel(f"{pitch:g}°", fontsize=9)
    middle_x = (left + len(yaws) * (pose + GAP) / 2) / WIDTH
    middle_y = (top - len(pitches) * (pose + GAP) / 2) / height
    low = (top - len(pitches) * (pose + GAP) - 0.42) / height
    picture.text(middle_x, low, "yaw", ha="center", fontsize=10)
    picture.text((left - 0.42) / WIDTH, middle_y, "pitch", va="center", rotation=90, fontsize=10)


def _badge(ax: Axes, mark: str, colour: str) -> None:
    """The verdict's mark in the corner: who can't tell the frames' colours reads this."""
    box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    ax.text(
        0.96,
        0.94,
        mark,
        transform=ax.transAxes,
        ha="right",
        va="top",
        fontsize=9,
        fontweight="bold",
        color=readable(colour, "#D8D8D8"),
        bbox=box,
    )


def _legend(
    picture: Picture,
    place: tuple[float, float, float],
    counts: Mapping[str, dict[str, int]],
    truth: str,
    target: str,
) -> None:
    """What the frames mean, and how many poses have which; `place` is (left, top, height) in inches."""
    left, top, tall = place
    height = picture.get_figheight()
    bars = min(0.55 * len(counts), tall - 1.5)
    low = (top - tall + 0.45) / height
    ax = picture.add_axes(((left + 1.75) / WIDTH, low, 3.0 / WIDTH, bars / height))
    words = {"correct": truth, "target": f"{target}, the attacker's wish", "other": "another class"}
    done = [0] * len(counts)
    for what in KINDS:
        values = [count[what] for count in counts.values()]
        colour, mark = LOOKS[what]
        label = f"{mark} {words[what]}"
        look: dict[str, Any] = {
            "color": colour,
            "hatch": HATCH[what],
            "height": 0.6,
            "label": label,
        }
        ax.barh(range(len(counts)), values, left=done, **look)
        done = [a + b for a, b in zip(done, values, strict=True)]
    ax.set_yticks(range(len(counts)), [_two_lines(name) for name in counts], fontsize=10)
    ax.invert_yaxis()
    ax.set_xlim(0, max(done))
    ax.set_xlabel("number of poses", fontsize=10)
    ax.legend(
        fontsize=10.5,
        title="the network says",
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(-0.45, 1.02),
    )


def _two_lines(name: str) -> str:
    """'attacked from the front' -> broken at the space nearest to its middle, when it is long."""
    spaces = [i for i, letter in enumerate(name) if letter == " "]
    if len(name) < 16 or not spaces:
        return name
    middle = min(spaces, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"
