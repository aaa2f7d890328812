"""Attacks on things: a sticker, a turned plate, a sign that comes nearer, glasses on a face.

Everywhere the same three colours and marks: blue ✓ for the truth, orange ● for what the attacker wants,
grey – for anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from course_utils.plots.attack import confidence_bars
from course_utils.plots.picture import (
    BLUE,
    GREY,
    VERMILLION,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)

KINDS = ("correct", "target", "other")
LOOKS = {"correct": (BLUE, "✓"), "target": (VERMILLION, "●"), "other": (GREY, "–")}
HATCH = {"correct": "", "target": "///", "other": "..."}


def kind(answer: int, truth: int, target: int) -> str:
    """Whether an answer is 'correct', the attacker's 'target', or some 'other' class."""
    return "correct" if answer == truth else "target" if answer == target else "other"


@styled
def answers(
    images: Tensor,
    says: Tensor,
    heads: Sequence[str],
    classes: Sequence[str],
    *,
    truth: int,
    target: int,
    title: str,
    k: int = 5,
) -> Picture:
    """One to three pictures in a row, each with the network's k largest confidences beside or below it.

    Args:
        images: (N, 3, H, W) in [0, 1].
        says: (N, C) confidences.
        heads: N words above the pictures.
        truth, target: classes, drawn in blue and in orange.
    """
    best = [int(index) for index in says.argmax(dim=1)]
    told = "; ".join(
        f"{head}: {classes[index]}, {percent(float(p[index]))}"
        for head, index, p in zip(heads, best, says, strict=True)
    )
    wide = len(images) == 1
    size = (10, 4.9) if wide else (10, 6.6 if len(images) == 2 else 5.6)
    picture = new(*size, title=title, alt=sentence(title, told), fixed=True)
    places = _beside(size) if wide else _below(len(images), size)
    for index, (top, bars) in enumerate(places):
        colour = LOOKS[kind(best[index], truth, target)][0]
        draw_image(picture.add_axes(top), images[index], title=heads[index], frame=colour)
        below = picture.add_axes(bars)
        confidence_bars(
            below, says[index], classes, {truth: BLUE, target: VERMILLION}, k=k, wrong=GREY
        )
    return picture


Place = tuple[float, float, float, float]


def _beside(size: tuple[float, float]) -> list[tuple[Place, Place]]:
    """One picture on the left, its bars on the right: rectangles as fractions of the figure."""
    side = 0.78
    return [((0.03, 0.06, side * size[1] / size[0], side), (0.5, 0.13, 0.46, 0.68))]


def _below(n: int, size: tuple[float, float]) -> list[tuple[Place, Place]]:
    width = 0.92 / n - 0.03
    height = min(width * size[0] / size[1], 0.56)
    width = height * size[1] / size[0]
    step = 0.97 / n
    lefts = [0.015 + step * index + (step - width) / 2 for index in range(n)]
    return [
        ((left, 0.87 - height, width, height), (left, 0.085, width, 0.71 - height))
        for left in lefts
    ]


@styled
def film(
    rows: Mapping[str, tuple[Tensor, Tensor]],
    steps: Sequence[str],
    classes: Sequence[str],
    *,
    truth: int,
    target: int,
    title: str,
) -> Picture:
    """Film strips: the same moments in every row, each frame with what the network says of it.

    Args:
        rows: name -> (frames (T, 3, H, W) in [0, 1], confidences (T, C)).
        steps: T words, one above each column (distances, for instance).
        truth, target: classes.
    """
    answers = {name: says.argmax(dim=1).tolist() for name, (_, says) in rows.items()}
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{classes[a]} at {step}" for a, step in zip(row, steps, strict=True))
        for name, row in answers.items()
    )
    columns = len(steps)
    height = 0.8 + len(rows) * (9.2 / columns + 0.55)
    picture = new(10, height, title=title, alt=sentence(title, told))
    _room_for_frames(picture)
    axes = picture.subplots(len(rows), columns, squeeze=False)
    for r, (name, (frames, says)) in enumerate(rows.items()):
        for t in range(columns):
            answer = answers[name][t]
            colour, mark = LOOKS[kind(answer, truth, target)]
            draw_image(axes[r, t], frames[t], frame=colour)
            label = f"{mark} {classes[answer]}\n{percent(float(says[t, answer]))}"
            axes[r, t].set_xlabel(label, fontsize=9)
            if r == 0:
                axes[r, t].set_title(steps[t], fontsize=11)
        axes[r, 0].set_ylabel(name, fontsize=11)
    return picture


@styled
def impersonation(
    panels: Tensor, captions: Sequence[Sequence[str]], heads: Sequence[str], *, title: str
) -> Picture:
    """Faces in rows: what was shown, and whom the network took it for.

    Args:
        panels: (R, K, 3, H, W) in [0, 1]: R cases of K faces each; the last face of a case is the one
            that the network retrieved.
        captions: R rows of K words below the faces.
        heads: K words above the columns.
    """
    rows, columns = panels.shape[:2]
    told = "; ".join(
        ", ".join(f"{head}: {text}" for head, text in zip(heads, row, strict=True))
        for row in captions
    ).replace("\n", " ")
    # Narrow enough that a handful of people fit on a laptop's screen.
    side = min(9.4 / columns, 2.3)
    picture = new(
        max(columns * side + 0.6, 7.5), 0.9 + rows * (side + 0.5), title=title,
        alt=sentence(title, told),
    )  # fmt: skip
    _room_for_frames(picture)
    axes = picture.subplots(rows, columns, squeeze=False)
    for r in range(rows):
        for c in range(columns):
            last = c == columns - 1
            draw_image(axes[r, c], panels[r, c], frame=VERMILLION if last else None)
            axes[r, c].set_xlabel(captions[r][c], fontsize=10)
            if r == 0:
                axes[r, c].set_title(heads[c], fontsize=11)
    return picture


@styled
def patch_and_uses(
    patch: Tensor,
    images: Tensor,
    captions: Sequence[str],
    *,
    title: str,
    frames: Sequence[str | None],
) -> Picture:
    """A sticker large on the left, and pictures that wear it on the right.

    Args:
        patch: (3, s, s) in [0, 1].
        images: (N, 3, H, W) in [0, 1], N even: two rows.
        captions: N texts.
        frames: N colours, or None.
    """
    if len(images) % 2:
        raise ValueError(f"{len(images)} images: give an even number, they stand in two rows")
    half = len(images) // 2
    picture = new(
        10, 4.9, title=title, alt=sentence(title, "; ".join(captions).replace("\n", ", "))
    )
    _room_for_frames(picture)
    left, right = list(picture.subfigures(1, 2, squeeze=False, width_ratios=[1, 2.1]).flat)
    draw_image(left.subplots(), patch, title="the sticker")
    for index, ax in enumerate(right.subplots(2, half, squeeze=False).flat):
        draw_image(ax, images[index], frame=frames[index])
        ax.set_xlabel(captions[index], fontsize=11)
    return picture


def _room_for_frames(picture: Picture) -> None:
    # The layout engine doesn't know that a frame is four points wide.
    picture.set_layout_engine("constrained", w_pad=0.06, h_pad=0.06)
