"""Pictures side by side: galleries, the natural-or-synthetic quiz, and one cue changed at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from course_utils.plots.attack import confidence_bars
from course_utils.plots.picture import (
    BLUE,
    VERMILLION,
    Picture,
    draw_image,
    new,
    sentence,
    styled,
)


@styled
def gallery(
    images: Tensor,
    captions: Sequence[str],
    *,
    title: str,
    columns: int = 4,
    alt: str = "",
    frames: Sequence[str | None] | None = None,
) -> Picture:
    """Pictures in rows, each with its caption below.

    Args:
        images: (N, 3, H, W) in [0, 1].
        captions: N texts.
        title: what to see.
        alt: the gallery in words; without it, the title, how many pictures there are, and the captions.
        frames: N colours, or None where a picture has no frame.
    """
    if len(images) != len(captions):
        raise ValueError(
            f"{len(images)} images but {len(captions)} captions: give one caption an image"
        )
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    told = "; ".join(caption.replace("\n", ", ") for caption in captions if caption)
    words = f"{len(images)} pictures: {told}" if told else f"{len(images)} pictures"
    lines = 1 + max(caption.count("\n") for caption in captions)
    height = 0.55 + rows * (9.8 / columns + 0.1 + 0.22 * lines)
    picture = new(10, height, title=title, alt=alt or sentence(title, words))
    axes = picture.subplots(rows, columns, squeeze=False)
    for index, ax in enumerate(axes.flat):
        if index >= len(images):
            ax.axis("off")
            continue
        draw_image(ax, images[index], frame=frames[index] if frames else None)
        ax.set_xlabel(captions[index], fontsize=12)
    return picture


@styled
def which_is_which(
    images: Tensor,
    natural: Sequence[bool],
    says: Sequence[str],
    *,
    guesses: Sequence[bool | None] | None = None,
    reveal: bool = False,
) -> Picture:
    """The quiz of lettered pictures that fool the network: found so, or made so on purpose?

    Args:
        images: (N, 3, H, W) in [0, 1], N at most 26.
        natural: N flags, True where nobody touched the picture.
        says: what to write under each picture once it is revealed.
        guesses: the reader's answers, True for natural, None for none yet; right and wrong ones
            get a frame and a mark when revealed.
        reveal: write the answers.
    """
    guesses = list(guesses) if guesses is not None else [None] * len(images)
    letters = [chr(ord("A") + index) for index in range(len(images))]
    kinds = ["natural" if flag else "synthetic" for flag in natural]
    if not reveal:
        title = "All of these fool the network. Which are natural, and which were made on purpose?"
        alt = f"{title} {len(images)} small pictures, lettered {letters[0]} to {letters[-1]}."
        return gallery(images, letters, title=title, alt=alt)
    marks = [_mark(guess, flag) for guess, flag in zip(guesses, natural, strict=True)]
    right = marks.count(" ✓")
    score = f"You had {right} of {len(images)}." if any(marks) else "The answers."
    captions = [
        f"{letter}: {kind}{mark}\n{word}"
        for letter, kind, mark, word in zip(letters, kinds, marks, says, strict=True)
    ]
    frames = [BLUE if flag else VERMILLION for flag in natural]
    title = f"{score} Blue frame: natural. Orange frame: synthetic"
    return gallery(images, captions, title=title, frames=frames)


def _mark(guess: bool | None, truth: bool) -> str:
    if guess is None:
        return ""
    return " ✓" if guess == truth else " ✗"


@styled
def cues(
    images: Tensor,
    says: Tensor,
    changed: Sequence[str],
    classes: Sequence[str],
    *,
    truth: Sequence[int],
    title: str,
) -> Picture:
    """The same thing drawn again with one cue changed at a time, and what the network says of each.

    Args:
        images: (N, 3, H, W) in [0, 1], the original first.
        says: (N, C) confidences.
        changed: N words, what was changed ('nothing' first).
        truth: N classes, what each picture shows; drawn in blue.
    """
    best = says.argmax(dim=1).tolist()
    told = "; ".join(f"{what}: {classes[index]}" for what, index in zip(changed, best, strict=True))
    picture = new(
        10, 4.6, title=title, alt=sentence(title, f"Changed, and what the network says: {told}")
    )
    axes = picture.subplots(2, len(images), height_ratios=[10, 4.4], squeeze=False)
    for column, what in enumerate(changed):
        draw_image(axes[0, column], images[column], title=what)
        colours = {truth[column]: BLUE}
        confidence_bars(axes[1, column], says[column], classes, colours, wrong=VERMILLION)
    return picture
