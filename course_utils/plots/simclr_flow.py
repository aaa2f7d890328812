"""SimCLR in one picture: from two pictures to four views, through encoder and head, to who is pulled and who pushed."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from torch import Tensor

from course_utils.plots.contrast import readable
from course_utils.plots.picture import (
    BLUE,
    GREY,
    INK,
    VERMILLION,
    Picture,
    new,
    sentence,
    styled,
)

ROWS = (3.65, 2.65, 1.45, 0.45)  # heights of the four views' centres
COLOURS = (BLUE, BLUE, VERMILLION, VERMILLION)


@styled
def simclr_flow(pictures: Tensor, views: Tensor, *, title: str) -> Picture:
    """Two pictures, two views of each, one encoder, one head, and what the loss does with the ends.

    Args:
        pictures: (2, 3, H, W) in [0, 1].
        views: (4, 3, h, w): both views of the first picture, then both of the second.
    """
    told = (
        "Each of two pictures is augmented twice; all four views go through the same encoder f and the same head g; "
        "the loss pulls the two views of a picture together and pushes all others apart; the head is thrown away later"
    )
    picture = new(10, 4.9, title=title, alt=sentence(title, told))
    ax = picture.subplots()
    ax.set_xlim(0, 10)
    ax.set_ylim(-0.35, 4.35)
    ax.set_aspect("equal")
    _bare(ax, "from left to right: pictures, views, features h, projections z")
    for k, image in enumerate(pictures):
        middle = (ROWS[2 * k] + ROWS[2 * k + 1]) / 2
        _thumbnail(ax, image, 0.65, middle, 0.6, COLOURS[2 * k])
        for y in ROWS[2 * k : 2 * k + 2]:
            _arrow(ax, (1.3, middle), (2.2, y))
    ax.text(1.75, 4.2, "augment", ha="center", style="italic")
    for view, y, colour in zip(views, ROWS, COLOURS, strict=True):
        _thumbnail(ax, view, 2.7, y, 0.44, colour)
        _arrow(ax, (3.2, y), (3.85, y))
        _arrow(ax, (5.25, y), (6.1, y))
        ax.text(5.65, y + 0.1, "h", ha="center", style="italic")
        _arrow(ax, (7.3, y), (8.1, y))
        ax.plot([8.3], [y], "o", color=colour, markersize=13)
        ax.text(7.7, y + 0.1, "z", ha="center", style="italic")
    _box(ax, 3.9, 5.2, "encoder f\n\na CNN,\nthe same\nfor all")
    _box(ax, 6.15, 7.25, "head g\n\nan MLP,\nthrown\naway later", dashed=True)
    _forces(ax)
    return picture


def _bare(ax: Axes, words: str) -> None:
    """No frame and no ticks, only words below."""
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(words, fontsize=10)


def _forces(ax: Axes) -> None:
    """What the loss does with the ends."""
    for top, bottom, colour in ((0, 1, BLUE), (2, 3, VERMILLION)):
        _arrow(ax, (8.55, ROWS[top]), (8.55, (ROWS[top] + ROWS[bottom]) / 2), colour)
        _arrow(ax, (8.55, ROWS[bottom]), (8.55, (ROWS[top] + ROWS[bottom]) / 2), colour)
        ax.text(
            8.7,
            (ROWS[top] + ROWS[bottom]) / 2,
            "pull together",
            va="center",
            color=readable(colour),
        )
    middle = (ROWS[1] + ROWS[2]) / 2
    for way in (0.45, -0.45):
        _arrow(ax, (8.3, middle), (8.3, middle + way), GREY)
    ax.text(8.7, middle, "push apart", va="center", color=INK)


def _thumbnail(ax: Axes, image: Tensor, x: float, y: float, half: float, colour: str) -> None:
    pixels = image.detach().cpu().permute(1, 2, 0).clamp(0, 1).numpy()
    ax.imshow(pixels, extent=(x - half, x + half, y - half, y + half), interpolation="nearest")
    frame = Rectangle((x - half, y - half), 2 * half, 2 * half, fill=False, edgecolor=colour)
    frame.set_linewidth(3)
    ax.add_patch(frame)


def _box(ax: Axes, left: float, right: float, words: str, *, dashed: bool = False) -> None:
    shape = FancyBboxPatch(
        (left, -0.1), right - left, 4.2, boxstyle="round,pad=0.02", facecolor="#F2F2F2"
    )
    shape.set_linestyle("--" if dashed else "-")
    shape.set_edgecolor(INK)
    ax.add_patch(shape)
    ax.text((left + right) / 2, 2, words, ha="center", va="center", fontsize=12)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str = INK):
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=13, color=colour, linewidth=1.5
        )
    )
