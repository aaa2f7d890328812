"""Paints shapes over one another, with soft edges and a rounded relief for the light."""

from __future__ import annotations

import torch
from torch import Tensor

Colour = str | Tensor


class Pen:
    """A blank sheet of thing-coordinates on which a batch of things is painted.

    Args:
        x, y: (N, H, W) coordinates of the pixels; x right, y up, the thing fills [-1, 1].
        sharpness: (N, 1, 1) pixels in one unit; edges are one pixel soft.
        colours: name -> (N, 3, 1, 1), or (N, 3, H, W) where the colour has a texture.
        form: (N, K) uniform in [0, 1): the numbers in which one house differs from another.

    Attributes:
        rgb: (N, 3, H, W) what has been painted; alpha: (N, H, W) how much of a pixel it covers;
        height: (N, H, W) relief.
    """

    def __init__(
        self, x: Tensor, y: Tensor, sharpness: Tensor, colours: dict[str, Tensor], form: Tensor
    ) -> None:
        self.x, self.y, self.sharpness, self.colours, self.form = x, y, sharpness, colours, form
        n, h, w = x.shape
        # Soft edges mix with what lies below: the main colour, not black.
        self.rgb = colours["main"].expand(n, 3, h, w).clone()
        self.alpha = torch.zeros_like(x)
        self.height = torch.zeros_like(x)

    def vary(self, k: int, low: float, high: float) -> Tensor:
        """The k-th number of form, scaled to [low, high): (N, 1, 1)."""
        return (low + (high - low) * self.form[:, k])[:, None, None]

    def shade(self, colour: Colour, factor: float) -> Tensor:
        """A darker (factor < 1) or lighter colour."""
        return (self._colour(colour) * factor).clamp_(max=1)

    def part(
        self,
        distance: Tensor,
        colour: Colour,
        *,
        dome: float = 0.25,
        rise: float = 0.0,
        bend: Tensor | None = None,
    ) -> None:
        """A part of the silhouette: rounded over `dome`, standing `rise` above what lies below.

        Where `bend` is given, the relief follows this distance instead of the part's own.
        """
        cover = self._cover(distance)
        self._tint(cover, colour)
        relief = _rounded(distance if bend is None else bend, dome)
        self.height.lerp_(relief.add_(rise), cover)
        self.alpha = torch.maximum(self.alpha, cover)

    def detail(
        self, distance: Tensor, colour: Colour, *, dome: float = 0.0, strength: float = 1.0
    ) -> None:
        """Something on a part: a window, a spot, an eye. It never leaves the silhouette."""
        cover = torch.minimum(self._cover(distance), self.alpha)
        if strength != 1.0:
            cover = cover * strength
        self._tint(cover, colour)
        if dome:
            self.height += _rounded(distance, dome)

    def _cover(self, distance: Tensor) -> Tensor:
        return (0.5 - distance * self.sharpness).clamp_(0, 1)

    def _colour(self, colour: Colour) -> Tensor:
        return self.colours[colour] if isinstance(colour, str) else colour

    def _tint(self, cover: Tensor, colour: Colour) -> None:
        self.rgb.lerp_(self._colour(colour).expand_as(self.rgb), cover[:, None].expand_as(self.rgb))


def _rounded(distance: Tensor, dome: float) -> Tensor:
    """Relief of a part: rises from 0 at the edge to dome / 2, flat further in."""
    t = (distance / -dome).clamp_(0, 1)
    return (2 - t).mul_(t).mul_(dome / 2)
