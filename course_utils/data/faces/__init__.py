"""Cartoon faces: persons that don't exist, each seen in shots that differ, for the glasses' experiment.

    split = faces(20, 8, seed=0)                            # 160 pictures, labels = persons
    worn = wear(split.images, texture, split.attributes["pose"])

and, where one thing is to be changed and the rest kept::

    portraits = sample(20, 8, seed=0)
    before, after = render(portraits), render(portraits.with_(smile=1.0))
"""

from __future__ import annotations

import torch

from ..dataset import Split
from .glasses import eyeglasses, wear, worn
from .portraits import POSE, Portraits, sample
from .render import render
from .splits import load_faces, split_of

__all__ = [
    "POSE", "Portraits", "eyeglasses", "faces", "load_faces", "render", "sample", "wear", "worn",
]  # fmt: skip


def faces(
    persons: int,
    shots: int,
    seed: int,
    size: int = 48,
    *,
    glasses: float = 0.1,
    first: int = 0,
    device: torch.device | str | None = None,
) -> Split:
    """Draws `shots` pictures of each of `persons`; a person depends on the seed and its number alone.

    Args:
        persons, shots: how many.
        seed: any int; two seeds share no person.
        size: side in pixels, at least 8.
        glasses: the share of shots in which somebody wears ordinary glasses.
        first: number of the first shot: with `first=shots` come further shots of the same persons.
        device: where to draw and keep the pictures; CPU by default.

    Returns:
        A Split, all of person 0 first; labels 0 … persons - 1. Its attributes are `pose`
        (N, 8) float32 in the order of POSE, which `wear` takes, and `glasses` (N,) bool.

    Raises:
        DatasetError: (a ValueError) an argument out of range; the message says what would do.
    """
    portraits = sample(persons, shots, seed, glasses=glasses, first=first)
    pixels = render(portraits, size, device)
    return split_of(portraits, pixels).to(pixels.device)
