"""Clips to play, and a pixel of a grey frame asked where it looks in the first one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .. import plots
from .._front_end import front_end
from ..plots import Picture
from .explore import explore, labelled


def player(versions: Mapping[str, Tensor], *, title: str, milliseconds: int = 400) -> Any:
    """Clips side by side under a Play button and a slider over their frames.

    Args:
        versions: name -> (T, 3, H, W) in [0, 1], all with as many frames.
        title: what to see.
        milliseconds: from one frame to the next.

    Returns:
        The player, or without a front end the film as an animated GIF.
    """
    if not front_end():
        return plots.movie(versions, title=title)
    import ipywidgets

    def draw(frame: int) -> Picture:
        return plots.moment(versions, frame - 1, title=title)

    last = len(next(iter(versions.values())))
    slider = _whole("frame", 1, last, 1)
    box = explore(draw, {"frame": slider})
    play = ipywidgets.Play(min=1, max=last, interval=milliseconds, repeat=True)
    play._keep = ipywidgets.link((play, "value"), (slider, "value"))
    box.children[0].children = (play, slider)
    return box


def look_back(
    model: nn.Module,
    clips: Tensor,
    *,
    temperature: float,
    clip: int = 0,
    frame: int | None = None,
    pixel: tuple[int, int] | None = None,
) -> Any:
    """A pixel of a grey frame, where the network looks for it in the first frame, the colour that it fetches.

    Args:
        model: trained by `selfsup.video_colouring`, a UNet(1, D).
        clips: (N, T, 3, H, W) in [0, 1].
        temperature: as in its training.
        clip, frame, pixel: where the sliders start, counted from 0; by default in the middle of the
            last frame. The frame's slider counts from 1, as the film does.
    """
    from ..selfsup.colouring import to_grey
    from ..selfsup.video import look

    _, count, _, height, width = clips.shape
    start = pixel or (height // 2, width // 2)

    def draw(clip: int, frame: int, row: int, column: int) -> Picture:
        first, target = clips[clip, 0], clips[clip, frame - 1]
        grey = to_grey(torch.stack([first, target]))
        weights = look(model, grey[0], grey[1], (row, column), temperature)
        title = (
            f"Frame {frame}: where this pixel looks in the first frame, and the colour it fetches"
        )
        return plots.attention_map(first, target, weights, (row, column), title=title)

    return explore(
        draw,
        {
            "clip": _whole("clip", 0, len(clips) - 1, clip),
            "frame": _whole("frame", 2, count, count if frame is None else frame + 1),
            "row": _whole("row", 0, height - 1, start[0]),
            "column": _whole("column", 0, width - 1, start[1]),
        },
    )


def _whole(text: str, least: int, most: int, start: int) -> Any:
    import ipywidgets

    return ipywidgets.IntSlider(
        value=start, min=least, max=most, continuous_update=False, **labelled(text)
    )
