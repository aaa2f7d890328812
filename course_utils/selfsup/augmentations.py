"""Other views of the same thing: random changes of a whole batch at once, each picture with its own.

Everything is tensor arithmetic on the device of the pictures and differentiable in them. A function
`step(x, …, generator)` draws from `generator`, by default torch's global one, on the CPU unless the
generator is elsewhere, so that a seed means the same on every device. Arithmetic is done in float32 at
least, whatever the dtype of the pictures or autocast say.

[1] Chen, Kornblith, Norouzi, Hinton: A simple framework for contrastive learning of visual
    representations, ICML 2020, arXiv 2002.05709, appendices A and B.9.
[2] DeVries, Taylor: Improved regularization of convolutional neural networks with cutout,
    arXiv 1708.04552.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import torch
import torch.nn.functional as F
from torch import Tensor

from ..robustness.corruptions import draws
from .precision import at_least_float32, full_precision

Settings = ParamSpec("Settings")
Step = Callable[Concatenate[Tensor, Settings], Tensor]
Generator = torch.Generator | None

# At strength 1: factors of 1 +- that, and turns of the colour circle. The paper has 0.8 for all three
# factors and 0.2 turns [1, appendix A]; brightness and contrast are gentler here, because everything above
# 1 / 1.8 becomes white at a factor of 1.8.
BRIGHTNESS, CONTRAST, SATURATION, HUE = 0.5, 0.5, 0.8, 0.2
LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)
BUMPS = 5  # of a distortion, along a side
GREY = 0.5


def in_float32(step: Step[Settings]) -> Step[Settings]:
    """The step on pictures of any float type: worked out in float32 at least, handed back in their own."""

    @wraps(step)
    def careful(x: Tensor, *args: Settings.args, **kwargs: Settings.kwargs) -> Tensor:
        _check_pictures(x)
        with full_precision(x.device):
            return step(at_least_float32(x), *args, **kwargs).to(x.dtype)

    return careful


@in_float32
def random_resized_crop(
    x: Tensor, scale: tuple[float, float] = (0.2, 1.0), generator: Generator = None
) -> Tensor:
    """A part of each picture, in the picture's own shape, enlarged to the whole (bilinear).

    Args:
        x: (N, 3, H, W) float in [0, 1].
        scale: the least and the largest part of the area; uniform between them.
        generator: of the random numbers.

    Returns:
        (N, 3, H, W).

    Raises:
        ValueError: no such pictures, or not 0 < low <= high <= 1.
    """
    return _sampled(x, _crop(x, scale, generator))


@in_float32
def flip(x: Tensor, generator: Generator = None) -> Tensor:
    """Each picture (N, 3, H, W) mirrored left to right, or not, by the toss of a coin."""
    return x.flip(3).where(_coin(x, 0.5, generator), x)


@in_float32
def rotate(x: Tensor, degrees: float, generator: Generator = None) -> Tensor:
    """Each picture (N, 3, H, W) turned about its centre by an angle uniform in +- `degrees`.

    What comes in at the corners is the picture's mirror image.
    """
    return _sampled(x, _turn(x, degrees, generator))


@in_float32
def distort(x: Tensor, strength: float, generator: Generator = None) -> Tensor:
    """Each picture (N, 3, H, W) pulled about like a rubber sheet.

    Smooth random shifts with a standard deviation of `strength` times the picture's shorter side
    (0.03 is visible, 0.1 is much).
    """
    return _sampled(x, _still(x), _shifts(x, strength, generator))


@in_float32
def colour_jitter(x: Tensor, strength: float = 1.0, generator: Generator = None) -> Tensor:
    """Brightness, contrast, saturation and hue of each picture changed at random [1].

    One after the other: the colours times a factor; their distance from the picture's mean grey times
    a factor; their distance from their own grey times a factor; turned about the axis of greys. All
    four are linear in the colour, so together they are one 3 x 3 matrix a picture and what is added
    to grey; only the end is brought back into [0, 1].

    Args:
        x: (N, 3, H, W) float in [0, 1].
        strength: at 1 the factors are uniform in 1 +- 0.5, 0.5 and 0.8 and the hue turns by at most
            a fifth of the circle; other strengths multiply these, 0 changes nothing, 1.25 is the most.
        generator: of the random numbers.

    Returns:
        (N, 3, H, W) in [0, 1].

    Raises:
        ValueError: no such pictures, or a strength at which a factor could become negative.
    """
    _check_between("strength", strength, 0, 1.25)
    drawn = 2 * strength * draws.uniform((4, len(x), 1, 1), x, generator) - strength  # (4, N, 1, 1)
    brightness, contrast, saturation = (
        1 + BRIGHTNESS * drawn[0],
        1 + CONTRAST * drawn[1],
        1 + SATURATION * drawn[2],
    )
    luma = x.new_tensor(LUMA)
    to_grey = luma.expand(3, 3)  # each row: the same grey for red, green and blue
    saturate = to_grey + saturation * (torch.eye(3, dtype=x.dtype, device=x.device) - to_grey)
    matrix = brightness * contrast * _hue_turn(2 * math.pi * HUE * drawn[3]) @ saturate  # (N, 3, 3)
    mean_grey = (x.mean(dim=(2, 3)) @ luma).view(-1, 1, 1)
    # Saturation and hue leave a grey as it is: what contrast adds goes through unchanged.
    added = (1 - contrast) * brightness * mean_grey  # (N, 1, 1)
    return torch.baddbmm(added, matrix, x.flatten(2)).view_as(x).clamp(0, 1)


@in_float32
def greyscale(x: Tensor, p: float = 0.2, generator: Generator = None) -> Tensor:
    """Each picture (N, 3, H, W) without its colours, with probability `p`."""
    _check_between("p", p, 0, 1)
    grey = (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)  # (N, 1, H, W)
    return grey.where(_coin(x, p, generator), x)


@in_float32
def blur(x: Tensor, sigma: float, generator: Generator = None) -> Tensor:
    """Each picture (N, 3, H, W) out of focus: a Gaussian of uniform width, at most `sigma` pixels."""
    _check_between("sigma", sigma, 0, math.inf)
    width = (sigma * draws.uniform((len(x), 1, 1), x, generator)).clamp_min(1e-3)

    def along_rows(picture: Tensor) -> Tensor:
        length = picture.shape[-1]
        place = torch.arange(length, dtype=x.dtype, device=x.device)
        far = (place[:, None] - place) / width  # (N, length, length)
        # Beyond 4 widths nothing: numbers too small for their format make a CPU's products slow.
        weights = torch.exp(-(far**2) / 2).where(far.abs() < 4, 0)
        weights = weights / weights.sum(dim=2, keepdim=True)
        return (picture.flatten(1, 2) @ weights.mT).view_as(picture)

    return along_rows(along_rows(x).mT).mT.clamp(0, 1)


@in_float32
def cutout(x: Tensor, size: int, generator: Generator = None) -> Tensor:
    """A `size` x `size` square of pixels in each picture (N, 3, H, W), wholly inside it, becomes grey [2].

    Raises:
        ValueError: the square is larger than the picture.
    """
    h, w = x.shape[2:]
    if not 0 <= size <= min(h, w):
        raise ValueError(f"a square of {size} pixels does not fit into pictures of {h} x {w}")
    drawn = draws.uniform((2, len(x), 1), x, generator)

    def inside(length: int, chance: Tensor) -> Tensor:
        """(N, length): whether the square covers that row (or column)."""
        places = length - size + 1
        first = (chance * places).floor().clamp_max(places - 1)  # the product may round up
        along = torch.arange(length, dtype=x.dtype, device=x.device)
        return (along >= first) & (along < first + size)

    covered = inside(h, drawn[0])[:, :, None] & inside(w, drawn[1])[:, None, :]  # (N, H, W)
    return x.masked_fill(covered[:, None], GREY)


@in_float32
def noise(x: Tensor, std: float, generator: Generator = None) -> Tensor:
    """Normal noise with standard deviation `std` (in units of the pixels' [0, 1]) on each value."""
    _check_between("std", std, 0, math.inf)
    return (x + std * draws.normal(x.shape, x, generator)).clamp(0, 1)


@dataclass(frozen=True)
class Augmentation:
    """The random changes in a row: augment(x, generator) -> other views of the pictures x (N, 3, H, W).

    The movements (crop, flip, rotate, distort) are made in one: the picture is read once, at the
    places where they lead together. So no detail is smoothed away twice, and a turned crop shows what
    lies beside it instead of a mirror image.

    The default has the steps of SimCLR's recipe for small pictures [1, appendix B.9: crop, mirror,
    colours, grey, no blur]; 0 or None leaves a step out.

    Args:
        crop: least and largest part of the area, as in `random_resized_crop`; None: the whole picture.
        flip: mirror half of the pictures.
        colour: strength, as in `colour_jitter`.
        grey: probability, as in `greyscale`.
        distort: strength, as in `distort`.
        rotate: degrees, as in `rotate`.
        cutout: side of the square in pixels.
        noise: standard deviation.
        blur: largest width in pixels.
        size: side of the views in pixels, for a cheaper training; None: that of the pictures.

    Raises, when called:
        ValueError: no such pictures, or a setting that its step refuses.
    """

    crop: tuple[float, float] | None = (0.2, 1.0)
    flip: bool = True
    colour: float = 1.0
    grey: float = 0.2
    distort: float = 0.0
    rotate: float = 0.0
    cutout: int = 0
    noise: float = 0.0
    blur: float = 0.0
    size: int | None = None

    def __call__(self, x: Tensor, generator: Generator = None) -> Tensor:
        return _augmented(x, self, generator)

    def steps(self) -> tuple[str, ...]:
        """The names of the steps that do something, in their order."""
        order = ("crop", "flip", "rotate", "distort", "colour", "grey", "blur", "cutout", "noise")
        return tuple(name for name in order if getattr(self, name))

    def without(self, *names: str) -> Augmentation:
        """The same without these steps: augment.without("colour", "grey").

        Raises:
            ValueError: no step of that name is at work.
        """
        for name in names:
            if name not in self.steps():
                raise ValueError(
                    f"no step {name!r} to leave out; there are {', '.join(self.steps()) or 'none'}"
                )
        off: dict[str, Any] = {
            name: None if name == "crop" else type(getattr(self, name))() for name in names
        }
        return replace(self, **off)


@in_float32
def _augmented(x: Tensor, recipe: Augmentation, generator: Generator) -> Tensor:
    if recipe.crop or recipe.flip or recipe.rotate or recipe.distort or recipe.size:
        x = _moved(x, recipe, generator)
    if recipe.colour:
        x = colour_jitter(x, recipe.colour, generator)
    if recipe.grey:
        x = greyscale(x, recipe.grey, generator)
    if recipe.blur:
        x = blur(x, recipe.blur, generator)
    if recipe.cutout:
        x = cutout(x, recipe.cutout, generator)
    if recipe.noise:
        x = noise(x, recipe.noise, generator)
    return x


def _moved(x: Tensor, recipe: Augmentation, generator: Generator) -> Tensor:
    where = _crop(x, recipe.crop, generator) if recipe.crop else _still(x)
    if recipe.flip:
        mirror = 1 - 2 * _coin(x, 0.5, generator).to(x.dtype)[..., 0]  # (N, 1, 1)
        where = torch.cat([mirror * where[:, :, :1], where[:, :, 1:]], dim=2)
    if recipe.rotate:
        turn = _turn(x, recipe.rotate, generator)[:, :, :2]
        where = torch.cat([where[:, :, :2] @ turn, where[:, :, 2:]], dim=2)
    view = x.new_empty(len(x), 3, recipe.size, recipe.size) if recipe.size else x
    shifts = _shifts(view, recipe.distort, generator) if recipe.distort else None
    return _sampled(x, where, shifts, view.shape)


def _sampled(
    x: Tensor, where: Tensor, shifts: Tensor | None = None, shape: torch.Size | None = None
) -> Tensor:
    """Each picture read at the places where its affine map leads, bilinear; beyond the rim it is mirrored.

    where: (N, 2, 3), from the new picture's place (x, y, 1) to the old one's, both in [-1, 1];
    shifts: (N, H, W, 2), added to the place before the map; shape: of what comes out, by default x's.
    """
    grid = F.affine_grid(where, list(shape or x.shape), align_corners=False)  # (N, H, W, 2)
    if shifts is not None:
        grid = grid + (shifts.flatten(1, 2) @ where[:, :, :2].mT).view_as(grid)
    moved = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    return moved.clamp(0, 1)  # the four weights of a place may sum to a rounding error more than 1


def _still(x: Tensor) -> Tensor:
    """The map that moves nothing, for each picture."""
    return torch.eye(2, 3, dtype=x.dtype, device=x.device).expand(len(x), 2, 3)


def _crop(x: Tensor, scale: tuple[float, float], generator: Generator) -> Tensor:
    low, high = scale
    if not 0 < low <= high <= 1:
        raise ValueError(
            f"scale must be (low, high) with 0 < low <= high <= 1, got {scale}: parts of the area"
        )
    drawn = draws.uniform((len(x), 3, 1), x, generator)
    side = (low + (high - low) * drawn[:, :1]).sqrt()  # (N, 1, 1)
    middle = (1 - side) * (2 * drawn[:, 1:] - 1)  # (N, 2, 1), so that the crop stays inside
    return torch.cat([side * _still(x)[:, :, :2], middle], dim=2)


def _turn(x: Tensor, degrees: float, generator: Generator) -> Tensor:
    _check_between("degrees", degrees, 0, 360)
    angle = math.radians(degrees) * (2 * draws.uniform((len(x),), x, generator) - 1)
    h, w = x.shape[2:]
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    # Both sides run from -1 to 1: a turn of a picture that is not square has to know their lengths.
    rows = [
        torch.stack([cos, -sin * h / w, zero], dim=1),
        torch.stack([sin * w / h, cos, zero], dim=1),
    ]
    return torch.stack(rows, dim=1)  # (N, 2, 3)


def _shifts(x: Tensor, strength: float, generator: Generator) -> Tensor:
    """(N, H, W, 2) in units of half a side, right and down."""
    _check_between("strength", strength, 0, 1)
    h, w = x.shape[2:]
    half_sides = x.new_tensor([2 / w, 2 / h])
    field = draws.smooth(BUMPS, 2, x, generator).permute(0, 2, 3, 1)
    return strength * min(h, w) * half_sides * field


def _hue_turn(angle: Tensor) -> Tensor:
    """(N, 1, 1) radians -> (N, 3, 3): the turn of the colours about the axis of greys (Rodrigues)."""
    third = 1 / 3
    cross = angle.new_tensor([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * math.sqrt(third)
    along = angle.new_full((3, 3), third)
    eye = torch.eye(3, dtype=angle.dtype, device=angle.device)
    return along + angle.cos() * (eye - along) + angle.sin() * cross


def _coin(x: Tensor, p: float, generator: Generator) -> Tensor:
    """(N, 1, 1, 1) bool, true with probability p."""
    return draws.uniform((len(x), 1, 1, 1), x, generator) < p


def _check_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, got {value}")


def _check_pictures(x: Tensor) -> None:
    # Not their range: asking a GPU for it at every step would make it wait.
    if not isinstance(x, Tensor) or x.ndim != 4 or x.shape[1] != 3:
        told = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise ValueError(f"pictures must be (N, 3, H, W), got {told}: for one picture use x[None]")
    if not x.is_floating_point():
        raise ValueError(f"pictures must be floats in [0, 1], got {x.dtype}: use x.float() / 255")
