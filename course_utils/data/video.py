"""A video of one's own as frames: `data.video.read("cat.mp4")`."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Generator
from contextlib import closing
from importlib.util import find_spec
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from .errors import DatasetError
from .options import count_option, size_option

_MOST_FRAMES = 1000
# How many frames are kept for one that is asked for, while nobody knows how many are to come.
_SPARE = 16
_UNTIMED = 0.1  # seconds for which a GIF's frame is shown that names no time, as browsers do it
# Seconds: a frame that appears at the very moment asked for must not come a rounding too late.
_ROUNDING = 1e-6
_KINDS = "an MP4, MOV, WebM or AVI file or an animated GIF, WebP or PNG"

Shown = Generator[
    tuple[float, Image.Image], None, None
]  # second at which a frame appears, and the frame


def read(
    path: str | Path,
    *,
    frames: int = 16,
    size: int = 48,
    first: float = 0.0,
    seconds: float | None = None,
) -> Tensor:
    """The frames that are shown at evenly spaced moments, cut to the square in their middle.

    Animated GIF, WebP and PNG are always read; other videos by the first reader that is installed of
    imageio with FFmpeg, PyAV and OpenCV. The whole part asked for is decoded: of a long film, ask for
    a few seconds.

    Args:
        path: the file.
        frames: T, how many.
        size: side in pixels, to which the short side is scaled.
        first: second of the video at which to begin.
        seconds: length of the part to take; None is all the rest.

    Returns:
        (T, 3, size, size) float32 in [0, 1].

    Raises:
        DatasetError: (a ValueError) an argument out of range, no such file, no video, no reader, or
            fewer frames in that part than are asked for.
    """
    frames = count_option("frames", frames, _MOST_FRAMES)
    size = size_option(size, 48)
    last = _second("first", first) + (math.inf if seconds is None else _length(seconds))
    path = Path(path).expanduser()
    _check_file(path)
    number, end, kept = 0, 0.0, []
    step, most = 1, _SPARE * frames
    with closing(_frames(path)) as shown:
        for end, frame in shown:
            if end + _ROUNDING >= last:
                break
            if end + _ROUNDING < first:
                continue
            if number % step == 0:
                kept.append((end, _square(frame, size)))
            number += 1
            # Every second one goes, so that a film of any length fits into memory.
            if len(kept) > most:
                kept, step = kept[::2], 2 * step
    _check_number(path, number, frames, float(first), end, seconds)
    return _spaced(kept, frames).float().div_(255)


def _spaced(kept: list[tuple[float, np.ndarray]], frames: int) -> Tensor:
    """(frames, 3, H, W) uint8: what was shown at evenly spaced moments from the first to the last."""
    times = np.array([time for time, _ in kept])
    moments = np.linspace(times[0], times[-1], frames)
    shown = np.searchsorted(times, moments + _ROUNDING, side="right") - 1
    return torch.from_numpy(np.stack([kept[i][1] for i in shown]))


def _square(frame: Image.Image, size: int) -> np.ndarray:
    """(3, size, size) uint8; what is transparent comes out white."""
    opaque = frame.convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque).convert("RGB")
    square = ImageOps.fit(opaque, (size, size), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


# ---- readers ---------------------------------------------------------------------------------


def _frames(path: Path) -> Shown:
    """The frames in order, by whatever can read them."""
    reader = _pillow if _is_picture(path) else _installed(path)
    try:
        yield from reader(path)
    except Exception as error:  # each reader has errors of its own
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        raise DatasetError(f"{path} can't be read as a video ({why}): give {_KINDS}") from None


def _is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.format != "MPEG"  # Pillow knows that one by name only
    except OSError:
        return False


def _installed(path: Path) -> Callable[[Path], Shown]:
    for modules, reader in _READERS:
        if all(find_spec(module) is not None for module in modules):
            return reader
    raise DatasetError(
        f'no reader of videos is installed for {path.name}: run  %pip install "imageio[ffmpeg]"  (PyAV '
        "and OpenCV do, too), or save the video as an animated GIF, which is read without any"
    )


def _pillow(path: Path) -> Shown:
    time = 0.0
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            yield time, image
            time += image.info.get("duration", 0) / 1000 or _UNTIMED


def _imageio(path: Path) -> Shown:
    from imageio import v2 as imageio

    # It warns of every film that a telephone has turned, and reads it rightly.
    logging.getLogger("imageio_ffmpeg").setLevel(logging.ERROR)
    reader: Any = imageio.get_reader(path, format="FFMPEG")
    with closing(reader) as file:
        rate = float(file.get_meta_data()["fps"])
        for number, pixels in enumerate(file):
            yield number / rate, Image.fromarray(pixels)


def _pyav(path: Path) -> Shown:
    import av

    with av.open(str(path)) as file:
        begin = None
        for frame in file.decode(video=0):
            begin = frame.time if begin is None else begin
            # A telephone films lying down and notes how it was held.
            turned = np.rot90(frame.to_ndarray(format="rgb24"), getattr(frame, "rotation", 0) // 90)
            yield frame.time - begin, Image.fromarray(np.ascontiguousarray(turned))


def _opencv(path: Path) -> Shown:
    import cv2

    file = cv2.VideoCapture(str(path))
    try:
        if not file.isOpened():
            raise ValueError("OpenCV does not know its format")
        rate = file.get(cv2.CAP_PROP_FPS) or 25.0
        number = 0
        while (read := file.read())[0]:
            yield number / rate, Image.fromarray(np.ascontiguousarray(read[1][:, :, ::-1]))
            number += 1
    finally:
        file.release()


_READERS: tuple[tuple[tuple[str, ...], Callable[[Path], Shown]], ...] = (
    (("imageio", "imageio_ffmpeg"), _imageio),
    (("av",), _pyav),
    (("cv2",), _opencv),
)


# ---- words -----------------------------------------------------------------------------------


def _second(name: str, value: float) -> float:
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value < math.inf:
        raise DatasetError(f"{name} = {value!r} must be a number of seconds, 0 or more")
    return float(value)


def _length(value: float) -> float:
    if _second("seconds", value) == 0:
        raise DatasetError("seconds = 0 leaves nothing to read; None takes all the rest")
    return float(value)


def _check_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise DatasetError(f"{path} is a folder; name the video in it")
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    missing = path.absolute().relative_to(parent).parts[0]
    raise DatasetError(f"there is no file {path} ({parent} is there, but has no {missing!r} in it)")


def _check_number(
    path: Path, number: int, frames: int, first: float, end: float, seconds: float | None
) -> None:
    """At least as many frames as are asked for."""
    if number >= frames:
        return
    if number == 0 and first > end:
        raise DatasetError(
            f"first = {first:g}, but the last frame of {path.name} is shown at {end:.1f} seconds"
        )
    if number == 1 and first == 0 and seconds is None:
        raise DatasetError(f"{path.name} is a single picture, no video: give {_KINDS}")
    part = "" if first == 0 and seconds is None else " in the part asked for"
    many = "1 frame" if number == 1 else f"{number} frames"
    raise DatasetError(
        f"{path.name} has {many}{part}, but frames = {frames}: ask for "
        f"{'another part' if number == 0 else f'frames={number}'} or give a longer video"
    )
