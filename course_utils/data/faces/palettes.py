"""The colours of faces: what stays with a person, and what a day's clothes change."""

from __future__ import annotations

import torch
from torch import Tensor

from ..world import draws
from ..world.palettes import hexes

SKINS = ("#f8dcc8", "#f0c6a4", "#e3ac82", "#cb9067", "#ad744c", "#8a5838", "#68422c", "#4f3225")
HAIRS = (
    "#26222b", "#3d2a22", "#6b452d", "#8f3d25", "#d4702f", "#e2bd6d", "#f1e4bf", "#a4a5ab",
    "#2b8f8c", "#d8709a", "#7350a0", "#3f62b0",
)  # fmt: skip
IRISES = ("#5a3a22", "#2f2320", "#8b6b30", "#4c8049", "#4680b8", "#6f808c")
CLOTHES = (
    "#c94f45", "#3f6fae", "#4d9160", "#e3b23c", "#7f5aa3", "#2f8f93", "#ecece6", "#3c4250",
    "#e58a4b", "#c9849b",
)  # fmt: skip
LIPS = ("#b8564f", "#8f4a48", "#cf7068", "#a83a4a", "#7a4038")
RIMS = ("#22252c", "#7b4a2d", "#a03440", "#2f5a8c", "#d8b25a", "#efeee8", "#3d7a5a")


def _shades(key: Tensor, name: str, codes: tuple[str, ...], amount: float) -> Tensor:
    """One of the colours for each key, a little lighter or darker: (N, 3) in [0, 1]."""
    rgb = hexes(codes)[draws.choice(key, name, len(codes))]
    value = draws.between(key, f"{name} value", 1 - amount, 1 + amount)
    return (rgb * value[:, None]).clamp(0, 1)


def of_faces(person: Tensor, shot: Tensor) -> dict[str, Tensor]:
    """The colours with which each portrait is painted, name -> (N, 3) in [0, 1].

    Skin, hair, eyes, lips and earrings belong to the person; clothes and rims to the shot.
    """
    n = len(person)
    skin, hair = _shades(person, "skin", SKINS, 0.06), _shades(person, "hair", HAIRS, 0.12)
    lips = torch.lerp(skin, _shades(person, "lips", LIPS, 0.1), 0.75)
    return {
        "main": skin,
        "hair": hair,
        "brow": (hair * 0.62).clamp(0.06, 1),
        "iris": _shades(person, "iris", IRISES, 0.12),
        "lips": lips,
        "blush": torch.lerp(skin, hexes(("#d8504e",)).expand(n, 3), 0.45),
        "freckle": skin * hexes(("#b07f68",)),
        "earring": hexes(("#e8c451", "#d9dee3", "#4aa3a0"))[draws.choice(person, "earring", 3)],
        "clothes": _shades(shot, "clothes", CLOTHES, 0.15),
        "rim": _shades(shot, "rim", RIMS, 0.1),
        "dark": hexes(("#2a2026",)).expand(n, 3),
        "light": hexes(("#fbf9f4",)).expand(n, 3),
        "tongue": hexes(("#c8615f",)).expand(n, 3),
    }
