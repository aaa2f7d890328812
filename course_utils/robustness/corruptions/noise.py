"""Noise: what a sensor adds, or loses, pixel by pixel."""

from __future__ import annotations

import torch
from torch import Tensor

from . import draws


def gaussian_noise(x: Tensor, sigma: float, generator: torch.Generator | None) -> Tensor:
    """Normal noise of standard deviation `sigma` on every value: an amplifier in the dark."""
    return x + sigma * draws.normal(x.shape, x, generator)


def shot_noise(x: Tensor, photons: float, generator: torch.Generator | None) -> Tensor:
    """Counts of light particles, `photons` of them where the picture is white: too little light."""
    return draws.poisson(x * photons, generator) / photons


def impulse_noise(x: Tensor, fraction: float, generator: torch.Generator | None) -> Tensor:
    """`fraction` of all values replaced, half by black and half by white: broken pixels, lost bits."""
    chance = draws.uniform(x.shape, x, generator)
    # Black from below and white from above, so that a larger fraction spoils all that a smaller did.
    return x.masked_fill(chance < fraction / 2, 0).masked_fill_(chance >= 1 - fraction / 2, 1)
