"""Colours by value and saturation, without the hue that nothing here changes."""

from __future__ import annotations

from torch import Tensor


def with_value(x: Tensor, value: Tensor) -> Tensor:
    """The same hue and saturation at another value (N, 1, H, W), the largest of red, green and blue.

    Black has no hue, and becomes grey.
    """
    old = x.amax(dim=1, keepdim=True)
    return (x * (value / old.clamp_min(1e-12))).where(old > 0, value)


def with_saturation(x: Tensor, saturation: Tensor) -> Tensor:
    """The same hue and value at another saturation (N, 1, H, W) in [0, 1]; grey stays grey."""
    value = x.amax(dim=1, keepdim=True)
    old = saturation_of(x)
    return value - (value - x) * (saturation / old.clamp_min(1e-12))


def saturation_of(x: Tensor) -> Tensor:
    """1 - min / max of red, green and blue; 0 for black: (N, 1, H, W)."""
    value, least = x.amax(dim=1, keepdim=True), x.amin(dim=1, keepdim=True)
    return (value - least) / value.clamp_min(1e-12)
