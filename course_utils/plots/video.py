"""Clips: their frames in rows, as a film that moves, and where a pixel looks in the first frame."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor

from course_utils.plots.picture import (
    DPI,
    PAPER,
    VERMILLION,
    Picture,
    draw_image,
    new,
    sentence,
    styled,
)

Clips = Mapping[str, Tensor]
STOP = "A film. Close this line to stop it"


@styled
def frames(versions: Clips, *, title: str, every: int = 1) -> Picture:
    """Clips as film strips, one below the other: the same moments in every row.

    Args:
        versions: name -> (T, 3, H, W) in [0, 1], all with as many frames.
        title: what to see.
        every: show each `every`-th frame only, from the first on.

    Raises:
        ValueError: no clip, clips of different lengths, or `every` below 1.
    """
    count = _length(versions)
    if every < 1:
        raise ValueError(f"every must be at least 1, got {every}")
    shown = range(0, count, every)
    told = f"Rows of frames {', '.join(str(t + 1) for t in shown)}: {', '.join(versions)}"
    height, width = next(iter(versions.values())).shape[2:]
    tall = 9.2 / len(shown) * height / width
    picture = new(10, 0.85 + len(versions) * (tall + 0.12), title=title, alt=sentence(title, told))
    axes = picture.subplots(len(versions), len(shown), squeeze=False)
    for row, (name, clip) in zip(axes, versions.items(), strict=True):
        for ax, t in zip(row, shown, strict=True):
            draw_image(ax, clip[t])
        row[0].set_ylabel(name, fontsize=10)
    for ax, t in zip(axes[0], shown, strict=True):
        ax.set_title(f"frame {t + 1}", fontsize=10)
    return picture


class Movie:
    """A picture that plays: a notebook shows it as an animated GIF, with the picture's alt text.

    Args:
        picture: the stage, with an image for every clip.
        clips: (T, 3, H, W) each, in [0, 1], in the order of the picture's axes.
        milliseconds: how long each frame stays.
    """

    def __init__(self, picture: Picture, clips: Sequence[Tensor], milliseconds: int) -> None:
        self.picture, self.clips, self.milliseconds = picture, clips, milliseconds
        self.alt = picture.alt

    def gif(self) -> bytes:
        """The film as a GIF file that repeats without end, its last frame held longer."""
        moments = [Image.fromarray(self._moment(t)) for t in range(len(self.clips[0]))]
        # One palette for all moments: colours must not flicker from frame to frame.
        wall = Image.new("RGB", (moments[0].width, moments[0].height * len(moments)))
        for t, moment in enumerate(moments):
            wall.paste(moment, (0, t * moment.height))
        palette = wall.quantize(255, Image.Quantize.MEDIANCUT)
        palette.putpalette((palette.getpalette() or [])[: 3 * 255] + [255] * 3)  # and the paper
        first, *others = (m.quantize(palette=palette, dither=Image.Dither.NONE) for m in moments)
        pauses = [self.milliseconds] * len(others) + [4 * self.milliseconds]
        with io.BytesIO() as file:
            first.save(file, "GIF", save_all=True, append_images=others, duration=pauses, loop=0)
            return file.getvalue()

    def html(self) -> str:
        """An ``<img>`` that holds the film and its alt text, never wider than the page.

        It plays until the line above it is closed, by mouse or keyboard (WCAG 2.2, 2.2.2). Where the reader
        has asked the system for less motion, the last frame stands still in its place.
        """
        film = base64.b64encode(self.gif()).decode("ascii")
        still = base64.b64encode(self._still()).decode("ascii")
        return (
            f"<details open><summary>{STOP}</summary><picture>"
            '<source media="(prefers-reduced-motion: reduce)" '
            f'srcset="data:image/png;base64,{still}">'
            f'<img alt="{html.escape(self.alt)}" src="data:image/gif;base64,{film}" '
            f'style="width:{round(self.picture.get_figwidth() * DPI)}px;max-width:100%;'
            f'height:auto;background:{PAPER}"></picture></details>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": f"[film] {self.alt}"}

    def _still(self) -> bytes:
        _set(self.picture, self.clips, len(self.clips[0]) - 1)
        return self.picture.png()

    def _moment(self, t: int) -> np.ndarray:
        """Frame t as drawn: (height, width, 3) uint8."""
        _set(self.picture, self.clips, t)
        canvas = FigureCanvasAgg(self.picture)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@styled
def movie(versions: Clips, *, title: str, milliseconds: int = 250) -> Movie:
    """Clips side by side as an animated GIF, in step, each pixel enlarged by a whole number.

    Args:
        versions: name -> (T, 3, H, W) in [0, 1], all with as many frames.
        title: what to see.
        milliseconds: how long each frame stays.

    Raises:
        ValueError: no clip, or clips of different lengths or sizes.
    """
    told = f"A film of {_length(versions)} frames, side by side: {', '.join(versions)}"
    picture = _stage(versions, title, sentence(title, told))
    return Movie(picture, list(versions.values()), milliseconds)


@styled
def moment(versions: Clips, frame: int, *, title: str) -> Picture:
    """One frame of such a film, as a picture.

    Args:
        versions, title: as for `movie`.
        frame: from 0.
    """
    told = f"Frame {frame + 1} of {_length(versions)}, side by side: {', '.join(versions)}"
    picture = _stage(versions, title, sentence(title, told))
    _set(picture, list(versions.values()), frame)
    return picture


def _stage(versions: Clips, title: str, alt: str) -> Picture:
    """The first frames side by side, a whole number of dots a pixel."""
    tall, wide = next(iter(versions.values())).shape[2:]
    room, gap = 10 * DPI, 20
    scale = max((room - gap) // len(versions) - gap, wide) // wide
    scale = min(scale, max(420 // tall, 1))  # so that a film fits on a laptop's screen
    height = 70 + scale * tall + 40  # dots: title and heads above, the counter below
    picture = new(10, height / DPI, title=title, alt=alt, fixed=True)
    for index, (name, clip) in enumerate(versions.items()):
        left = gap + index * (scale * wide + gap)
        place = (left / room, 40 / height, scale * wide / room, scale * tall / height)
        draw_image(picture.add_axes(place), clip[0], title=name)
    _set(picture, list(versions.values()), 0)
    return picture


def _set(picture: Picture, clips: Sequence[Tensor], t: int) -> None:
    for ax, clip in zip(picture.axes, clips, strict=True):
        pixels = clip[t].detach().cpu().permute(1, 2, 0).clamp(0, 1)  # (H, W, 3)
        ax.images[0].set_data(pixels.numpy())
    picture.axes[0].set_xlabel(f"frame {t + 1} of {len(clips[0])}")


def _length(versions: Clips) -> int:
    shapes = {name: tuple(clip.shape) for name, clip in versions.items()}
    if len(set(shapes.values())) != 1:
        raise ValueError(
            f"give clips (T, 3, H, W) with as many frames of one size, got {shapes or 'none'}"
        )
    return next(iter(shapes.values()))[0]


@styled
def attention_map(
    reference: Tensor,
    target: Tensor,
    weights: Tensor,
    pixel: tuple[int, int],
    *,
    title: str,
    heads: Sequence[str] = ("the grey frame", "the first frame", "where the pixel looks"),
) -> Picture:
    """One pixel of a grey frame, where it looks in the first frame, and the colour that it brings back.

    Args:
        reference: (3, H, W) in [0, 1], the first frame.
        target: (3, H, W) in [0, 1], the later frame in its true colours; shown in grey.
        weights: (h, w), the pixel's attention over the first frame, on a grid that may be coarser;
            `selfsup.look` gives it.
        pixel: (row, column) in the target.
        title: what to see.
        heads: words above the three panels.
    """
    row, column = pixel
    true, fetched = target[:, row, column], _fetched(reference, target, weights, pixel)
    best = divmod(int(weights.argmax()), weights.shape[1])
    sides = zip(best, reference.shape[1:], weights.shape, strict=True)
    seen = [int((place + 0.5) * whole / cells) for place, whole, cells in sides]
    told = (
        f"The pixel in row {row}, column {column} looks most at row {seen[0]}, column {seen[1]} of the first "
        f"frame. It fetches the colour {_rgb(fetched)}; the true one is {_rgb(true)}"
    )
    picture = new(10, 4.2, title=title, alt=sentence(title, told))
    left, right = picture.subfigures(1, 2, squeeze=False, width_ratios=[3, 0.45]).flat
    grey, first, where = left.subplots(1, 3)
    draw_image(grey, _luma(target), title=heads[0])
    draw_image(first, reference, title=heads[1])
    _light_up(where, reference, weights)
    where.set_title(heads[2])
    _mark(grey, row, column)
    for ax in (first, where):
        _mark(ax, *seen)
    grey.set_xlabel(f"row {row}, column {column}")
    first.set_xlabel("the pixel looks most at\nrow {}, column {}".format(*seen))
    where.set_xlabel("bright where it looks")
    _swatches(right.subplots(2, 1), {"fetched": fetched, "true": true})
    return picture


def _fetched(reference: Tensor, target: Tensor, weights: Tensor, pixel: tuple[int, int]) -> Tensor:
    """The pixel's own grey, in the chroma that it finds where it looks: (3,)."""
    chroma = (reference - _luma(reference))[None]
    found = (weights * F.interpolate(chroma, weights.shape, mode="area")[0]).sum(dim=(1, 2))
    return (_luma(target)[:, pixel[0], pixel[1]] + found).clamp(0, 1)


def _luma(picture: Tensor) -> Tensor:
    weights = picture.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    return (weights * picture).sum(dim=0, keepdim=True).expand(3, -1, -1)


def _light_up(ax: Axes, reference: Tensor, weights: Tensor) -> None:
    """The picture lit where the attention lies; the rest in the dark."""
    light = F.interpolate(weights[None, None].float(), reference.shape[1:], mode="bilinear")[0]
    # The root shows the weak places too: a softmax leaves most of them near nothing.
    draw_image(ax, reference * (0.12 + 0.88 * (light / light.max().clamp_min(1e-12)).sqrt()))


def _mark(ax: Axes, row: int, column: int) -> None:
    for colour, width in ((PAPER, 3.5), (VERMILLION, 1.8)):
        ax.add_patch(
            Rectangle((column - 2, row - 2), 4, 4, fill=False, edgecolor=colour, linewidth=width)
        )


def _swatches(axes: Sequence[Axes], colours: Mapping[str, Tensor]) -> None:
    for ax, (name, colour) in zip(axes, colours.items(), strict=True):
        draw_image(ax, colour.view(3, 1, 1))
        ax.set_title(name, fontsize=11)


def _rgb(colour: Tensor) -> str:
    return "(" + ", ".join(f"{value:.2f}" for value in colour.tolist()) + ")"
