"""The embedded world: pictures drawn on the spot, in which every cue is a knob.

    split = world(1000, seed=0, background_cue=0.95)     # pictures with labels and attributes

and, where the same thing is to be seen in another way::

    scenes = sample(8, seed=0)
    before, after = render(scenes), render(scenes.with_(colour="red"))   # nothing else changes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from ..dataset import Split
from ..errors import DatasetError
from . import scenes as _scenes
from .backgrounds import BACKGROUNDS, SCENES
from .palettes import COLOURS, PLAINS
from .render import render, silhouette
from .scenes import CLASSES, Scenes, sample
from .splits import load_world

__all__ = [
    "BACKGROUNDS", "CLASSES", "COLOURS", "PLAINS", "SCENES", "Scenes",
    "groups", "load_world", "render", "sample", "silhouette", "world",
]  # fmt: skip


def world(
    n: int,
    seed: int,
    size: int = 48,
    *,
    colour_cue: float = 0.0,
    background_cue: float = 0.0,
    background: str | Sequence[str] = "plain",
    labels: Tensor | Sequence[int | str] | int | str | None = None,
    reverse: bool = False,
    device: torch.device | str | None = None,
) -> Split:
    """Draws n labelled pictures of the world; picture i depends on the seed and on i, not on n.

    Args:
        n: how many.
        seed: any int; two seeds share no picture.
        size: side in pixels, at least 8.
        colour_cue, background_cue: rho in [0, 1], how often the colour (background) is the
            class's own: with probability rho surely, else by chance, one time in ten.
        background: "plain", "scene", the name of one background, or several names (the i-th is
            then class i's own).
        labels: the classes wanted, indices or names, one for all or one each; None draws them.
        reverse: the cues, where they show, point to a wrong class.
        device: where to draw and keep the pictures; CPU by default.

    Returns:
        A Split whose attributes are `colour` (index into COLOURS) and `background` (index into
        BACKGROUNDS), int64, and `colour_agrees` and `background_agrees`, bool: whether it is
        the own one of the picture's class.

    Raises:
        DatasetError: (a ValueError) an argument out of range; the message says what would do.
    """
    scenes = sample(
        n,
        seed,
        colour_cue=colour_cue,
        background_cue=background_cue,
        background=background,
        labels=labels,
        reverse=reverse,
    )
    own = _scenes.choices(background)
    attributes = {
        "colour": scenes.colour,
        "background": scenes.background,
        "colour_agrees": scenes.colour == scenes.label,
        "background_agrees": scenes.background == own[scenes.label % len(own)],
    }
    pixels = render(scenes, size, device)
    on_device = {name: values.to(pixels.device) for name, values in attributes.items()}
    return Split(pixels, scenes.label.to(pixels.device), on_device)


def groups(split: Split, cue: Literal["colour", "background"] = "background") -> Tensor:
    """(N,) int64, the group of each picture for the worst-group accuracy: 2 * class + (cue agrees).

    Raises:
        DatasetError: (a ValueError) the split doesn't come from the world, or no such cue.
    """
    name = f"{cue}_agrees"
    if name not in split.attributes:
        raise DatasetError(
            f"this split has no attribute {name!r}; "
            'give a split of the world and cue="colour" or cue="background"'
        )
    return 2 * split.labels + split.attributes[name].long()
