"""The colours of things and of backgrounds.

Every class draws from the same palettes: with the colour cue off, colour says nothing
about the class. Palette i is "the own colour" of class i when the cue is on.
"""

from __future__ import annotations

import torch
from torch import Tensor

from . import draws

COLOURS: tuple[str, ...] = (
    "brown", "green", "blue", "cream", "orange", "red", "teal", "purple", "yellow", "grey",
)  # fmt: skip

# sRGB bytes: the main colour of a palette, then the two that go beside it.
_MAIN = ("#a56a43", "#4f9a4b", "#3f72c4", "#f0e2c0", "#ee8434", "#cf3f3c", "#2f9c97", "#8656b0", "#f2c53d", "#878f9b")  # fmt: skip
_SECOND = ("#f2e6cf", "#7b5539", "#e9eef2", "#4d5a73", "#c8553d", "#5b4a44", "#d9b382", "#b9c7d6")
_ACCENT = ("#ffd76a", "#f6f1e4", "#e4604e", "#7fc4e8", "#54463f", "#a8d08d")

# A plain background: two tones between which its noise wanders.
PLAINS: tuple[str, ...] = (
    "sand", "sage", "sky", "lavender", "rose", "mint", "slate", "dusk", "straw", "stone",
)  # fmt: skip
_PLAIN_TONES = (
    ("#e3cfa9", "#d3b98d"), ("#b5c7a3", "#9db28c"), ("#b4d4e8", "#96bfdb"), ("#cdc3e3", "#b3a7d2"),
    ("#ecc3c0", "#dea9a8"), ("#bfe3d2", "#a2d2bf"), ("#71839a", "#5b6d85"), ("#574f78", "#453f64"),
    ("#ebe1a6", "#dccf88"), ("#c6c3be", "#aeaba6"),
)  # fmt: skip


def hexes(codes: tuple[str, ...]) -> Tensor:
    """(len(codes), 3) float32 in [0, 1] from "#rrggbb"."""
    return torch.tensor([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in codes])


def _jitter(rgb: Tensor, key: Tensor, name: str, amount: float) -> Tensor:
    """Each picture's own shade of a colour: lighter or darker, and a little to another hue."""
    value = draws.between(key, f"{name} value", 1 - amount, 1 + amount)
    hue = torch.stack([draws.between(key, f"{name} hue {c}", -0.4, 0.4) for c in "rgb"], 1) * amount
    return (rgb * value[:, None] + hue).clamp(0, 1)


def of_things(key: Tensor, colour: Tensor) -> dict[str, Tensor]:
    """The colours with which each thing is painted, name -> (N, 3) in [0, 1].

    `main` covers most of it and follows `colour` (N,) int64; the others are drawn from
    colours that all classes share.
    """
    second = hexes(_SECOND)[draws.choice(key, "second", len(_SECOND))]
    accent = hexes(_ACCENT)[draws.choice(key, "accent", len(_ACCENT))]
    n = len(key)
    return {
        "main": _jitter(hexes(_MAIN)[colour], key, "main", 0.16),
        "second": _jitter(second, key, "second", 0.12),
        "accent": _jitter(accent, key, "accent", 0.12),
        "glass": hexes(("#bfe0ec", "#54687a"))[draws.choice(key, "glass", 2)],
        "iris": hexes(("#8cc265", "#f0c14b", "#7fb8dd"))[draws.choice(key, "iris", 3)],
        "drink": hexes(("#4a2c1d", "#b5651d", "#e8d9c5"))[draws.choice(key, "drink", 3)],
        "dark": hexes(("#2b2a33",)).expand(n, 3),
        "light": hexes(("#f7f5ef",)).expand(n, 3),
    }


def of_plains(key: Tensor, background: Tensor) -> tuple[Tensor, Tensor]:
    """The two tones of each plain background: (N, 3) and (N, 3) in [0, 1]."""
    tones = hexes(tuple(code for pair in _PLAIN_TONES for code in pair)).view(-1, 2, 3)[background]
    return _jitter(tones[:, 0], key, "plain", 0.1), _jitter(tones[:, 1], key, "plain", 0.1)
