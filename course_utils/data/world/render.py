"""From the numbers of a scene to its pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral
from threading import Lock

import torch
from torch import Tensor

from ..errors import DatasetError
from . import draws, noise, palettes
from .backgrounds import backdrop
from .objects import PAINTERS
from .pen import Pen
from .scenes import CLASSES, Scenes
from .toys import occluder, toy

MIN_SIZE = 8
_one_pool = Lock()  # the number of torch's threads is the whole process's
_PIXELS_AT_ONCE = {"cpu": 64 * 48 * 48, "gpu": 4096 * 48 * 48}


def render(scenes: Scenes, size: int = 48, device: torch.device | str | None = None) -> Tensor:
    """Draws the scenes: (N, 3, size, size) uint8 on `device` (CPU by default).

    A picture depends on its scene alone: not on the others of the batch, and on the device
    only by rounding. Memory beyond the result is bounded, whatever N.

    Raises:
        DatasetError: (a ValueError) size is too small to show anything.
    """

    def draw(chunk: Scenes, canvas: _Canvas) -> Tensor:
        return (_draw(chunk, canvas) * 255).round_().to(torch.uint8)

    return _by_class(scenes, size, device, draw, (3,), torch.uint8)


def silhouette(scenes: Scenes, size: int = 48, device: torch.device | str | None = None) -> Tensor:
    """How much of each pixel the thing covers: (N, size, size) float32 from 0 to 1.

    Of the thing alone: not its shadow, and as if nothing stood in front of it.

    Raises:
        DatasetError: (a ValueError) size is too small to show anything.
    """

    def draw(chunk: Scenes, canvas: _Canvas) -> Tensor:
        return _thing(chunk, canvas).alpha

    return _by_class(scenes, size, device, draw, (), torch.float32)


class _Canvas:
    """The pixels to draw on: coordinates x (1, 1, W) and y (1, H, 1) in [-1, 1], y down."""

    def __init__(self, size: int, device: torch.device) -> None:
        self.size, self.device = size, device
        place = (torch.arange(size, device=device) + 0.5) * (2 / size) - 1
        self.x, self.y = place[None, None, :], place[None, :, None]


def _by_class(
    scenes: Scenes,
    size: int,
    device: torch.device | str | None,
    draw: Callable[[Scenes, _Canvas], Tensor],
    channels: tuple[int, ...],
    dtype: torch.dtype,
) -> Tensor:
    """What `draw` makes of chunks of one class each, put together in the scenes' order."""
    if not isinstance(size, Integral) or size < MIN_SIZE:
        raise DatasetError(
            f"size = {size}: give a whole number of at least {MIN_SIZE} pixels a side (48 is the course's)"
        )
    canvas = _Canvas(int(size), torch.device(device or "cpu"))
    drawn = torch.empty(len(scenes), *channels, size, size, dtype=dtype, device=canvas.device)
    kind = "cpu" if canvas.device.type == "cpu" else "gpu"
    at_once = max(1, _PIXELS_AT_ONCE[kind] // size**2)

    @torch.no_grad()
    def work(rows: Tensor) -> None:
        drawn[rows.to(canvas.device)] = draw(scenes[rows], canvas)

    # One class at a time: each has its own painter, and many of its pictures are painted at once.
    members = [(scenes.label == label).nonzero()[:, 0] for label in range(len(CLASSES))]
    chunks = [rows for group in members for rows in group.split(at_once) if len(rows)]
    if kind == "cpu":
        _side_by_side(work, chunks)
    else:
        for rows in chunks:
            work(rows)
    return drawn


def _side_by_side(draw: Callable[[Tensor], None], chunks: list[Tensor]) -> None:
    """As many chunks at once as torch has threads, each on one thread.

    Painting is hundreds of small operations: sharing out each of them would have the threads
    wait for one another hundreds of times, which is ruinous on a busy machine.
    """
    threads = torch.get_num_threads()
    workers = min(threads, len(chunks))
    if workers < 2:
        for rows in chunks:
            draw(rows)
        return
    with _one_pool:
        torch.set_num_threads(1)  # new threads inherit it
        try:
            with ThreadPoolExecutor(workers) as pool:
                for done in [pool.submit(draw, rows) for rows in chunks]:
                    done.result()
        finally:
            torch.set_num_threads(threads)


def _draw(scenes: Scenes, canvas: _Canvas) -> Tensor:
    """Scenes of one class: (N, 3, H, W) float32 in [0, 1]."""
    x, y = canvas.x, canvas.y
    key = scenes.key.to(canvas.device)
    rgb = backdrop(scenes, x, y, key)
    rgb = _some_over(rgb, scenes, scenes.distractor, lambda some: toy(some, x, y))
    rgb = _over(rgb, *_lit(_thing(scenes, canvas), scenes))
    rgb = _some_over(rgb, scenes, scenes.hidden, lambda some: occluder(some, x, y))
    return _exposed(rgb, scenes, x, y, key)


def _some_over(
    rgb: Tensor, scenes: Scenes, which: Tensor, paint: Callable[[Scenes], Pen]
) -> Tensor:
    """Paints over those pictures only that have the thing to be painted."""
    rows = which.nonzero()[:, 0]
    if len(rows):
        at, some = rows.to(rgb.device), scenes[rows]
        rgb[at] = _over(rgb[at], *_lit(paint(some), some))
    return rgb


def _thing(scenes: Scenes, canvas: _Canvas) -> Pen:
    """The things of scenes of one class, painted."""
    x, y, device = canvas.x, canvas.y, canvas.device
    dx, dy = _column(scenes.centre[:, 0], device), _column(scenes.centre[:, 1], device)
    cos, sin = _column(scenes.tilt.cos(), device), _column(scenes.tilt.sin(), device)
    scale = _column(scenes.size, device)
    u = ((x - dx) * cos + (y - dy) * sin) / scale
    v = ((x - dx) * sin - (y - dy) * cos) / scale  # the picture's y points down, a thing's up
    # The longer side keeps its length: one of the two factors is 1.
    u = u * _column((1 - 2 * scenes.mirror.float()) / scenes.stretch.clamp(max=1), device)
    v = v * _column(scenes.stretch.clamp(min=1), device)
    colours = _colours(scenes, u, v, scenes.key.to(device))
    pen = Pen(u, v, scale * (canvas.size / 2), colours, scenes.form.to(device))
    PAINTERS[CLASSES[int(scenes.label[0])]](pen)
    return pen


def _colours(scenes: Scenes, u: Tensor, v: Tensor, key: Tensor) -> dict[str, Tensor]:
    """The palette, with a texture on the two colours that cover most of a thing."""
    colours = {
        name: rgb.to(u.device)[:, :, None, None]
        for name, rgb in palettes.of_things(scenes.key, scenes.colour).items()
    }
    pattern = (
        _pattern(scenes.key, u, v) + noise.fractal(key, "mottle", u.shape[-1], (6, 12)) * 0.1
    )[:, None]
    colours["main"] = (colours["main"] * (1 + pattern)).clamp_(0, 1)
    colours["second"] = (colours["second"] * (1 + 0.5 * pattern)).clamp_(0, 1)
    return colours


def _pattern(key: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Stripes, dots, checks or nothing, in the thing's own coordinates: (N, H, W) around 0."""
    device = u.device
    kind = draws.choice(key, "pattern", 5)
    strength = draws.between(key, "pattern strength", 0.07, 0.16)
    turn = draws.between(key, "pattern turn", 0, math.pi)
    pitch = _column(draws.between(key, "pattern pitch", 3.0, 6.0), device)
    cos, sin = _column(turn.cos(), device), _column(turn.sin(), device)
    a, b = (u * cos + v * sin).mul_(pitch), (v * cos - u * sin).mul_(pitch)
    a, b = (a - a.floor()).sub_(0.5).abs_(), (b - b.floor()).sub_(0.5).abs_()  # triangle waves
    stripes = (a * 4 - 1).clamp_(-0.5, 0.5)
    dots = ((a.square() + b.square()).sqrt_().neg_().add_(0.3)).mul_(8).clamp_(-0.3, 0.7)
    checks = ((a - 0.25) * (b - 0.25)).mul_(40).clamp_(-0.5, 0.5)
    part = [_column(strength * (kind == k).float(), device) for k in range(3)]
    return stripes * part[0] + dots * part[1] + checks * part[2]


def _lit(pen: Pen, scenes: Scenes) -> tuple[Tensor, Tensor, Tensor]:
    """Light from one side on the relief: the colours, the cover and the shadow that is cast."""
    h = torch.nn.functional.pad(pen.height[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    per_pixel = pen.sharpness * 0.5
    gx = (h[:, 1:-1, 2:] - h[:, 1:-1, :-2]).mul_(per_pixel)
    gy = (h[:, 2:, 1:-1] - h[:, :-2, 1:-1]).mul_(per_pixel)
    lx = _column(scenes.light.cos(), h.device)
    ly = _column(-scenes.light.sin(), h.device)
    facing = -(gx * lx + gy * ly) / torch.sqrt(1 + gx * gx + gy * gy)
    rgb = pen.rgb * (1 + 0.38 * facing)[:, None] + facing.clamp(min=0).square_().mul_(0.12)[:, None]
    return rgb.clamp_(0, 1), pen.alpha, _shadow(pen.alpha, lx, ly)


def _shadow(alpha: Tensor, lx: Tensor, ly: Tensor) -> Tensor:
    """The silhouette moved away from the light and blurred: (N, H, W) from 0 to 0.4."""
    n, size = len(alpha), alpha.shape[-1]
    along = (torch.arange(size, device=alpha.device) + 0.5) * (2 / size) - 1
    reach = 0.07
    grid = torch.stack(
        [(along[None, None, :] + lx * reach).expand(n, size, size), (along[None, :, None] + ly * reach).expand(n, size, size)], -1
    )  # fmt: skip
    soft = torch.nn.functional.grid_sample(alpha[:, None], grid, align_corners=False)[:, 0]
    half = max(1, round(size * 0.028))
    for axis in (1, 2, 1, 2):
        soft = _mean_along(soft, axis, half)
    return soft * 0.4


def _mean_along(field: Tensor, axis: int, half: int) -> Tensor:
    """Mean over a window of 2 half + 1 pixels along axis 1 or 2; outside is 0.

    Several times as fast as avg_pool2d here.
    """
    padding = (half, half) if axis == 2 else (0, 0, half, half)
    padded, size = torch.nn.functional.pad(field, padding), field.shape[axis]
    total = padded.narrow(axis, 0, size).clone()
    for shift in range(1, 2 * half + 1):
        total += padded.narrow(axis, shift, size)
    return total / (2 * half + 1)


def _over(below: Tensor, rgb: Tensor, alpha: Tensor, shadow: Tensor) -> Tensor:
    return torch.lerp(below * (1 - shadow)[:, None], rgb, alpha[:, None].expand_as(rgb))


def _exposed(rgb: Tensor, scenes: Scenes, x: Tensor, y: Tensor, key: Tensor) -> Tensor:
    """Weak light falling off across the picture, and the camera's grain."""
    device, size = key.device, rgb.shape[-1]
    lx, ly = _column(scenes.light.cos(), device), _column(-scenes.light.sin(), device)
    fall = (x * lx + y * ly) * 0.05 + 1
    exposure = _column(draws.between(scenes.key, "exposure", 0.92, 1.08), device)
    grain = _column(draws.between(scenes.key, "grain", 0.01, 0.045), device)
    speckle = draws.lattice(key, "speckle", size, size) * grain
    contrast = _column(draws.between(scenes.key, "contrast", 0.65, 1.0), device)[:, None]
    seen = rgb * (fall * exposure)[:, None] * contrast + (1 - contrast) * 0.55
    return (seen + speckle[:, None]).clamp_(0, 1)


def _column(values: Tensor, device: torch.device) -> Tensor:
    return values.to(device)[:, None, None]
