"""From the numbers of a clip to its frames."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..world import Scenes, draws, palettes
from ..world.backgrounds import backdrop

# The world's own brush: what moves here is painted and lit as in its pictures.
from ..world.render import _by_class, _exposed, _lit, _over, _thing
from .motion import REACH, Motions

_WIDE = 1 + REACH + 0.05  # half sides of the picture that the painted ground reaches
_FINE = 2  # pixels of the ground for one of the picture: the camera moves by parts of a pixel
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_ALIKE = 0.8  # how far the brightness of things and ground is made one: 0 not at all, 1 fully


@torch.no_grad()
def draw(
    motions: Motions, size: int, device: torch.device | str | None = None
) -> tuple[Tensor, Tensor]:
    """Draws the clips: pixels (N * T, 3, size, size) uint8 and where things are (N * T, size, size) bool.

    A clip depends on its own numbers alone, not on the others of the batch. All frames are in memory at
    once as float32, several times over: give a few hundred at a time.

    Raises:
        DatasetError: (a ValueError) size is too small to show anything.
    """
    bright = draws.between(motions.ground.key, "clip bright", 0.38, 0.62)  # (N,)
    per_frame = bright.repeat_interleave(motions.frames)
    front = _painted(motions.front, per_frame, size, device)
    behind = motions.two.repeat_interleave(motions.frames).nonzero()[:, 0]
    back = _painted(motions.back[behind], per_frame[behind], size, device)
    rgb = _seen(_ground(motions.ground, bright, size, front.device), motions.camera, size)
    thing = front[:, 3] > 0.5
    at = behind.to(front.device)
    rgb[at] = _laid(rgb[at], back)
    thing[at] |= back[:, 3] > 0.5
    rgb = _laid(rgb, front)
    place = _places(size, front.device)
    # The camera's grain is new in each frame: nothing to recognise a place by.
    frame = torch.arange(motions.frames, device=front.device).repeat(len(motions))
    grain = motions.front.key.to(front.device) + 1 + frame
    rgb = _exposed(rgb, motions.front, place[None, None, :], place[None, :, None], grain)
    return (rgb * 255).round_().to(torch.uint8), thing


def _painted(
    things: Scenes, bright: Tensor, size: int, device: torch.device | str | None
) -> Tensor:
    """Things without what lies behind them: (N, 5, H, W), their colours, cover and shadow."""
    main = palettes.of_things(things.key, things.colour)["main"]
    gain = _gain(_luma(main[:, :, None, None]), bright)

    def paint(chunk: Scenes, canvas) -> Tensor:
        rgb, cover, shadow = _lit(_thing(chunk, canvas), chunk)
        return torch.cat([rgb, cover[:, None], shadow[:, None]], 1)

    layer = _by_class(things, size, device, paint, (5,), torch.float32)
    layer[:, :3] *= gain.to(layer.device)[:, None, None, None]
    layer[:, :3].clamp_(0, 1)
    return layer


def _laid(below: Tensor, layer: Tensor) -> Tensor:
    return _over(below, layer[:, :3], layer[:, 3], layer[:, 4])


def _ground(scenes: Scenes, bright: Tensor, size: int, device: torch.device) -> Tensor:
    """The grounds, wider and finer than any picture of them: (N, 3, S, S) in [0, 1]."""
    place = _places(_FINE * round(_WIDE * size), device)
    rgb = backdrop(scenes, place[None, None, :], place[None, :, None], scenes.key.to(device))
    gain = _gain(_luma(rgb.cpu()), bright).to(device)
    return (rgb * gain[:, None, None, None]).clamp_(0, 1)


def _luma(rgb: Tensor) -> Tensor:
    """The mean brightness of each picture (N, 3, H, W) on the CPU: (N,)."""
    # In float64, which not every device has: the rounding of a sum could change with the number of
    # clips that are drawn at once.
    weights = torch.tensor(_LUMA, dtype=torch.float64)
    return (rgb.double().mean((2, 3)) * weights).sum(1).float()


def _gain(luma: Tensor, bright: Tensor) -> Tensor:
    """What to multiply colours by, so that grey alone tells little of what is what."""
    return (bright / luma.clamp(min=0.05)) ** _ALIKE


def _seen(ground: Tensor, camera: Tensor, size: int) -> Tensor:
    """The part of its ground (N, 3, S, S) that each frame shows: (N * T, 3, size, size)."""
    n, frames, _ = camera.shape
    place = _places(_FINE * size, ground.device)
    x, y = ((camera.to(ground.device)[:, :, axis, None] + place) / _WIDE for axis in (0, 1))
    side = len(place)
    grid = torch.stack(
        [x[:, :, None].expand(n, frames, side, side), y[..., None].expand(n, frames, side, side)],
        -1,
    )
    # All frames of a clip read the one ground: they stand below one another in one tall picture.
    fine = F.grid_sample(ground, grid.flatten(1, 2), align_corners=False)
    fine = fine.unflatten(2, (frames, side)).transpose(1, 2).flatten(0, 1)
    return F.avg_pool2d(fine, _FINE)


def _places(size: int, device: torch.device) -> Tensor:
    """The middles of `size` pixels between -1 and 1: (size,)."""
    return (torch.arange(size, device=device) + 0.5) * (2 / size) - 1
