"""Lecture 3's figures: from pretext to downstream, the rotation game, who mistakes what, and a turned phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import Tensor

from course_utils.plots.contrast import ink_on
from course_utils.plots.explain import MARKERS
from course_utils.plots.gallery import gallery
from course_utils.plots.picture import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    VERMILLION,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)

# The positions by their label, counter-clockwise: 0, 90, 180 and 270 degrees.
TURNED = ("upright", "a quarter left", "upside down", "a quarter right")
COLOURS = (BLUE, GREEN, VERMILLION, PURPLE)


@styled
def pretext_flow(
    tasks: Tensor,
    words: Sequence[str],
    examples: Tensor,
    names: Sequence[str],
    *,
    question: str,
    title: str = "The pretext task trains the encoder; only the encoder goes on to the task that we mean",
) -> Picture:
    """The flow of self-supervision: above, pictures that label themselves; below, the few that people labelled.

    Args:
        tasks: (N, 3, H, W) in [0, 1], pictures of the pretext task.
        words: N labels that the data gave.
        examples: (M, 3, H, W) in [0, 1], pictures with labels.
        names: M labels that people gave.
        question: what the pretext head answers, for instance 'how was it turned?'.
    """
    told = (
        f"Above: many pictures without labels ({', '.join(words)}), an encoder, a head that answers "
        f"'{question}'; the labels come from the data. An arrow: the encoder is kept, the head thrown away. "
        f"Below: few pictures with labels ({', '.join(names)}), the same encoder, a new head that names the class"
    )
    picture = new(10, 5.6, title=title, alt=sentence(title, told), fixed=True)
    heads = (
        (3.0, "PRETEXT TASK", "many pictures, labels for nothing", f"pretext head:\n{question}", GREY),
        (0.3, "DOWNSTREAM TASK", "few pictures, labels from people", "new head:\nwhat is it?", BLUE),
    )  # fmt: skip
    for bottom, head, kind, asks, colour in heads:
        _write(picture, 0.15, bottom + 1.93, head, fontsize=12, fontweight="bold", ha="left")
        _write(picture, 2.35, bottom + 1.93, kind, ha="left")
        _box(picture, (5.3, bottom + 0.55), "encoder", GREEN)
        _box(picture, (7.9, bottom + 0.55), asks, colour)
        _arrow(picture, (4.62, bottom + 1.05), (5.2, bottom + 1.05))
        _arrow(picture, (7.12, bottom + 1.05), (7.8, bottom + 1.05), "features")
    _arrow(picture, (6.2, 3.45), (6.2, 1.95))
    _write(picture, 6.35, 2.72, "keep the encoder", fontweight="bold", ha="left")
    _write(picture, 8.8, 2.72, "throw the head away")
    _stack(picture, tasks, words, 3.0)
    _stack(picture, examples, names, 0.3)
    return picture


# Places on this picture are in inches from its lower left corner.
def _write(picture: Picture, x: float, y: float, text: str, **look: Any) -> None:
    place: dict[str, Any] = {
        "transform": picture.dpi_scale_trans,
        "ha": "center",
        "va": "center",
        "fontsize": 11,
    }
    picture.text(x, y, text, **(place | look))


def _box(picture: Picture, corner: tuple[float, float], text: str, colour: str) -> None:
    paint: dict[str, Any] = {"facecolor": (colour, 0.18), "edgecolor": colour}
    shape: dict[str, Any] = {"boxstyle": "round,pad=0.08", "transform": picture.dpi_scale_trans}
    picture.add_artist(FancyBboxPatch(corner, 1.7, 1.0, linewidth=2, **shape, **paint))
    _write(picture, corner[0] + 0.85, corner[1] + 0.5, text, fontsize=11.5)


def _arrow(
    picture: Picture, start: tuple[float, float], end: tuple[float, float], text: str = ""
) -> None:
    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 18, "linewidth": 2, "color": INK}
    at: dict[str, Any] = {"transform": picture.dpi_scale_trans, "shrinkA": 0, "shrinkB": 0}
    picture.add_artist(FancyArrowPatch(start, end, **at, **look))
    _write(picture, (start[0] + end[0]) / 2, start[1] + 0.22, text, fontsize=10)


def _stack(picture: Picture, images: Tensor, words: Sequence[str], bottom: float) -> None:
    """Four pictures in a row at a height in inches, their labels below."""
    step = 4.5 / len(images)
    side = min(step - 0.08, 1.2)
    for place, (image, word) in enumerate(zip(images, words, strict=True)):
        left = 0.12 + place * step
        ax = picture.add_axes((left / 10, (bottom + 0.5) / 5.6, side / 10, side / 5.6))
        draw_image(ax, image)
        ax.set_xlabel(word, fontsize=10.5)


@styled
def rotation_quiz(
    images: Tensor,
    turns: Tensor,
    *,
    says: Tensor | None = None,
    title: str = "How far was each of these turned?",
) -> Picture:
    """Turned pictures in a gallery: with letters to guess by, or with the network's answers.

    Args:
        images: (N, 3, H, H) in [0, 1], turned already.
        turns: (N,) how they were: 0 to 3.
        says: (N, 4) the network's confidences; None for a riddle.
        title: what to see.
    """
    if says is None:
        letters = [chr(ord("A") + place) for place in range(len(images))]
        alt = sentence(title, f"{len(images)} turned pictures, lettered A to {letters[-1]}")
        return gallery(images, letters, title=title, alt=alt)
    best = says.argmax(dim=1).tolist()
    captions, frames = [], []
    for turn, answer, row in zip(turns.tolist(), best, says, strict=True):
        good = answer == turn
        truth = "" if good else f"\nit is {TURNED[turn]}"
        captions.append(
            f"{'✓' if good else '✗'} {TURNED[answer]}, {percent(float(row[answer]))}{truth}"
        )
        frames.append(BLUE if good else VERMILLION)
    return gallery(images, captions, title=title, frames=frames)


@styled
def rotation_round(
    image: Tensor, turn: int, says: Tensor, *, title: str, guess: int | None = None
) -> Picture:
    """One round of the game: a turned picture, and, once somebody has guessed, both answers and the truth.

    Args:
        image: (3, H, H) in [0, 1], turned already.
        turn: how it was: 0 to 3.
        says: (4,) the network's confidences.
        guess: the reader's answer; None hides the network's too.
    """
    answer = int(says.argmax())
    told = "A turned picture; the network has made up its mind, and waits for you"
    if guess is not None:
        told = (
            f"It is {TURNED[turn]}. You say {TURNED[guess]}, "
            f"the network says {TURNED[answer]}, {percent(float(says[answer]))}"
        )
    picture = new(10, 4.6, title=title, alt=sentence(title, told), fixed=True)
    frame = None if guess is None else BLUE if guess == turn else VERMILLION
    draw_image(picture.add_axes((0.03, 0.06, 0.78 * 0.46, 0.78)), image, frame=frame)
    ax = picture.add_axes((0.56, 0.2, 0.4, 0.52))
    hidden = guess is None
    ax.barh(range(4), [0.0] * 4 if hidden else says.tolist(), color=COLOURS, height=0.55)
    ax.set_yticks(range(4), TURNED, fontsize=12)
    ax.set_ylim(3.6, -0.6)
    ax.set_xlim(0, 1.02)
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100"])
    ax.set_xlabel("the network's confidence, %")
    if hidden:
        ax.text(0.5, 1.5, "?", fontsize=60, color=GREY, ha="center", va="center")
    else:
        said = "the truth, and your answer ✓" if guess == turn else "the truth"
        ax.text(1.0, turn - 0.32, said, ha="right", va="bottom", fontsize=11)
        if guess is not None and guess != turn:
            ax.text(1.0, guess - 0.32, "your answer ✗", ha="right", va="bottom", fontsize=11)
        ax.get_yticklabels()[turn].set_fontweight("bold")
    return picture


@styled
def mistaken_for(counts: Tensor, names: Sequence[str], *, title: str) -> Picture:
    """Which answer was given for which: a row a truth, a column an answer, each row adding up to 100 %.

    Args:
        counts: (K, K) how often row's truth got column's answer.
        names: K of them.

    Raises:
        ValueError: a truth that never occurred.
    """
    counts = counts.cpu()
    totals = counts.sum(dim=1)
    if int(totals.min()) == 0:
        raise ValueError(f"{names[int(totals.argmin())]!r} never occurred: count more pictures")
    shares = counts / totals[:, None]
    told = "; ".join(
        f"{name}: " + ", ".join(f"{percent(float(s))} {names[j]}" for j, s in enumerate(row))
        for name, row in zip(names, shares, strict=True)
    )
    picture = new(
        7.2, 4.9, title=title, alt=sentence(title, f"What it is, and the answers: {told}")
    )
    ax = picture.subplots()
    drawn = ax.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for i, row in enumerate(shares.tolist()):
        for j, share in enumerate(row):
            ink = ink_on(drawn.to_rgba(share))
            ax.text(j, i, percent(share), ha="center", va="center", fontsize=12, color=ink)
    ax.set_xticks(range(len(names)), names, fontsize=10.5)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("what the network says")
    ax.set_ylabel("how it was turned")
    return picture


@styled
def turning(image: Tensor, angle: float, angles: Tensor, says: Tensor, *, title: str) -> Picture:
    """A picture held at any angle, and the network's four confidences all the way round.

    Args:
        image: (3, H, H) in [0, 1], as the camera sees it now.
        angle: where on the way that is, in degrees counter-clockwise.
        angles: (T,) degrees, ascending.
        says: (T, 4) the confidences at these.
    """
    now = says[int((angles - angle).abs().argmin())]
    best = int(now.argmax())
    told = f"Turned by {angle:g}°: {TURNED[best]}, {percent(float(now[best]))}"
    peaks = "; ".join(
        f"{name} is the likeliest on {percent(float((says.argmax(dim=1) == k).float().mean()))} of the way"
        for k, name in enumerate(TURNED)
    )
    picture = new(10, 4.4, title=title, alt=sentence(title, told, peaks), fixed=True)
    draw_image(picture.add_axes((0.02, 0.06, 0.78 * 0.44, 0.78)), image, frame=COLOURS[best])
    ax = picture.add_axes((0.45, 0.15, 0.52, 0.55))
    for k, name in enumerate(TURNED):
        look: dict[str, Any] = {
            "color": COLOURS[k],
            "marker": MARKERS[k],
            "markersize": 4,
            "linewidth": 1.8,
        }
        ax.plot(angles, says[:, k], label=name, **look)
    ax.axvline(angle, color=INK, linewidth=1.2, linestyle=":")
    for middle in torch.arange(-180, 181, 90).tolist():
        ax.axvline(middle, color=GREY, linewidth=0.5, zorder=0)
    ax.set_xlim(float(angles[0]), float(angles[-1]))
    ax.set_xticks(range(-180, 181, 90), [f"{a}°" for a in range(-180, 181, 90)])
    ax.set_ylim(-0.03, 1.03)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.set_xlabel("turned by, counter-clockwise")
    ax.set_ylabel("confidence")
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize=9.5, columnspacing=1.0
    )
    return picture
