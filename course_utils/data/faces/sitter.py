"""A batch of heads while they are painted, in the coordinates that each part of a head has."""

from __future__ import annotations

import torch
from torch import Tensor

from ..world import draws
from ..world.pen import Pen
from ..world.sdf import blend, ellipse
from .palettes import of_faces
from .portraits import Portraits

DEPTH = 0.5  # how far the features stand before the axis that a head turns on, in head units


def feature_place(
    x: Tensor, y: Tensor, yaw: Tensor, pitch: Tensor, depth: float = DEPTH
) -> tuple[Tensor, Tensor]:
    """Head coordinates -> those of what lies `depth` before the head's axis, when the head turns.

    A cartoon's way of turning: the features slide across the head and grow narrower.
    """
    return (x - depth * yaw.sin()) / yaw.cos(), (y - depth * pitch.sin()) / pitch.cos()


def head_place(
    x: Tensor, y: Tensor, centre: Tensor, tilt: Tensor, scale: Tensor
) -> tuple[Tensor, Tensor]:
    """Picture coordinates (y down) -> head coordinates (y up), each (N, H, W); centre is (N, 2)."""
    dx, dy = (c[:, None, None] for c in centre.unbind(1))
    cos, sin, size = (t[:, None, None] for t in (tilt.cos(), tilt.sin(), scale))
    u = ((x - dx) * cos + (y - dy) * sin) / size
    v = ((x - dx) * sin - (y - dy) * cos) / size
    return u, v


class Sitter:
    """Heads on their sheet.

    Args:
        portraits: who they are, on any device's behalf: their numbers stay on the CPU.
        x, y: (1, 1, W) and (1, H, 1) picture coordinates in [-1, 1], y down.

    Attributes:
        pen: in head coordinates; x, y: the same coordinates; fx, fy: the features'.
        head: signed distance to the head's outline.
    """

    def __init__(self, portraits: Portraits, x: Tensor, y: Tensor) -> None:
        self.portraits, self.device = portraits, x.device
        here = {
            name: getattr(portraits, name).to(x.device)
            for name in ("centre", "tilt", "scale", "yaw", "pitch")
        }
        self.x, self.y = head_place(x, y, here["centre"], here["tilt"], here["scale"])
        self.yaw, self.pitch = here["yaw"][:, None, None], here["pitch"][:, None, None]
        self.fx, self.fy = self.before(DEPTH)
        colours = {
            name: rgb.to(x.device)[:, :, None, None]
            for name, rgb in of_faces(portraits.person, portraits.shot).items()
        }
        sharpness = here["scale"][:, None, None] * (x.shape[-1] / 2)
        self.pen = Pen(self.x, self.y, sharpness, colours, torch.zeros(len(portraits), 0))
        self.head = self._outline()

    def before(self, depth: float) -> tuple[Tensor, Tensor]:
        """Coordinates of what lies `depth` before the head's axis (behind it where negative)."""
        return feature_place(self.x, self.y, self.yaw, self.pitch, depth)

    def trait(self, name: str, low: float, high: float) -> Tensor:
        """A number that belongs to the person: (N, 1, 1)."""
        return self._column(draws.between(self.portraits.person, name, low, high))

    def mood(self, name: str, low: float, high: float) -> Tensor:
        """A number that belongs to the shot: (N, 1, 1)."""
        return self._column(draws.between(self.portraits.shot, name, low, high))

    def given(self, name: str) -> Tensor:
        """A field of the portraits: (N, 1, 1)."""
        return self._column(getattr(self.portraits, name).float())

    def unless(self, name: str, share: float) -> Tensor:
        """0 for the `share` of persons who have it, far outside for the others: added to a distance."""
        return (self.trait(name, 0.0, 1.0) >= share) * 9.0

    def _column(self, values: Tensor) -> Tensor:
        return values.to(self.device)[:, None, None]

    def _outline(self) -> Tensor:
        """A round skull and a jaw, broad or narrow, melted together."""
        x, y = self.before(0.08)
        skull = ellipse(x, y, 0.0, 0.22, self.trait("skull", 0.66, 0.78), 0.70)
        chin = self.trait("chin", 0.66, 0.90)
        jaw = ellipse(x, y, 0.0, -0.18, self.trait("jaw", 0.44, 0.70), chin)
        return blend(skull, jaw, 0.3)
