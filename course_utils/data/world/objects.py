"""The ten classes, in the order of their labels."""

from __future__ import annotations

from collections.abc import Callable

from . import living, made
from .pen import Pen

PAINTERS: dict[str, Callable[[Pen], None]] = {
    "house": made.house,
    "tree": living.tree,
    "car": made.car,
    "sailing boat": made.boat,
    "fish": living.fish,
    "mushroom": living.mushroom,
    "mug": made.mug,
    "umbrella": made.umbrella,
    "bird": living.bird,
    "cat": living.cat,
}
