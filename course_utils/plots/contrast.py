"""How well a colour stands out from what lies behind it: WCAG 2.2's contrast ratio."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb

# WCAG 2.2, success criteria 1.4.3 and 1.4.11.
TEXT, LARGE_TEXT, LINES = 4.5, 3.0, 3.0
SPARE = 0.3


def luminance(colour: Any) -> float:
    """Relative luminance of a matplotlib colour, 0 for black to 1 for white (WCAG 2.2, glossary)."""
    channels = np.asarray(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: Any, other: Any) -> float:
    """The ratio of two colours, 1 for equal ones to 21 for black on white; their order plays no part."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@functools.cache
def readable(colour: str, paper: str = "#FFFFFF") -> str:
    """The colour darkened, as little as it takes, until a text in it stands out from light `paper`.

    With a little to spare: lines of a grid pass behind texts.
    """
    rgb = np.asarray(to_rgb(colour))
    shades = (rgb * share for share in np.linspace(1, 0, 101))
    return next(to_hex(shade) for shade in shades if contrast(to_hex(shade), paper) >= TEXT + SPARE)


def ink_on(ground: Any) -> str:
    """Black or white, whichever stands out more from the colour: never less than 4.5 to 1."""
    return max("#000000", "#FFFFFF", key=lambda ink: contrast(ink, ground))
