"""Files of every kind and shape into square RGB pictures."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional

from course_utils import _progress

_WITH_ALPHA = {"RGBA", "RGBa", "LA", "La", "PA"}
_AHEAD = 256  # files in memory at a time; few enough for photographs of megabytes


class Unreadable(Exception):
    """Not a picture; the message says why."""


def read(source: Path | bytes, size: int, resize: int | None = None) -> np.ndarray:
    """One picture: upright by its EXIF note, short side to `size`, centre cropped, in RGB.

    Transparent parts come out white; of an animation the first frame is taken; 16 bits become 8.

    Args:
        source: the file, or what is in it.
        size: side in pixels.
        resize: scale the short side to this many pixels instead, and cut by `middle`.

    Returns:
        (3, size, size) uint8.

    Raises:
        Unreadable: broken, empty, or no picture.
    """
    try:
        with warnings.catch_warnings():
            # A photograph of 100 megapixels is no attack; twice Pillow's limit still is refused.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                if resize is None:
                    image.draft("RGB", (2 * size, 2 * size))  # a JPEG: no finer than needed
                upright = _rgb(ImageOps.exif_transpose(image))
                if resize is None:
                    square = ImageOps.fit(upright, (size, size), Image.Resampling.BICUBIC)
                else:
                    square = middle(upright, resize, size)
    except UnidentifiedImageError:
        raise Unreadable("no picture format that can be read") from None
    except (
        Exception
    ) as error:  # Pillow's decoders raise whatever a broken file makes them stumble over
        raise Unreadable(str(error).partition("\n")[0] or type(error).__name__) from None
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


def middle(image: Image.Image, resize: int, crop: int, *, keep_aspect: bool = True) -> Image.Image:
    """What ImageNet's networks look at: the middle crop x crop of the picture whose short side is `resize`.

    To the last pixel as torchvision's Resize and CenterCrop do it. Without `keep_aspect` the whole
    picture is squeezed to resize x resize first.
    """
    width = height = resize
    if keep_aspect:
        width, height = (resize * side // min(image.size) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = round((width - crop) / 2), round((height - crop) / 2)
    return image.crop((left, top, left + crop, top + crop))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bits(image).convert("RGB")
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, or of whole or real numbers, at the scale that its values suggest."""
    values = np.asarray(image).astype(np.float64)
    highest = values.max(initial=0.0)
    scale = 255.0 if highest <= 1 and image.mode == "F" else 1.0 if highest <= 255 else 255 / 65535
    if image.mode.startswith("I;16"):
        scale = 255 / 65535
    return Image.fromarray(np.clip(np.rint(values * scale), 0, 255).astype(np.uint8))


def read_all(
    sources: Iterable[Path | bytes],
    count: int,
    size: int,
    title: str,
    *,
    resize: int | None = None,
    places: Iterable[int] | None = None,
) -> tuple[Tensor, dict[int, str]]:
    """Many pictures, on all cores, with a progress bar; only a few files are in memory at a time.

    Args:
        sources: files, or what is in them.
        count: how many there are.
        size: side in pixels.
        title: of the progress bar.
        resize: as for `read`.
        places: index at which each comes out, a permutation of 0..count-1; None keeps the order.

    Returns:
        ((count, 3, size, size) uint8, {index of what could not be read: why}); those stay black.
    """
    pixels = torch.zeros((count, 3, size, size), dtype=torch.uint8)
    faults: dict[int, str] = {}

    def one(index: int, source: Path | bytes) -> None:
        try:
            pixels[index] = torch.from_numpy(read(source, size, resize))
        except Unreadable as fault:
            faults[index] = str(fault)

    waiting = zip(range(count) if places is None else places, sources, strict=True)
    with (
        ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
        _progress.bar(count, title, unit="picture", leave=False) as bar,
    ):
        while chunk := list(islice(waiting, _AHEAD)):
            for _ in pool.map(lambda numbered: one(*numbered), chunk):
                bar.update()
    return pixels, dict(sorted(faults.items()))


def resized(pixels: Tensor, size: int) -> Tensor:
    """(N, 3, H, H) uint8 to (N, 3, size, size) uint8, antialiased; the same tensor at the same size."""
    if pixels.shape[-1] == size:
        return pixels
    result = pixels.new_empty((len(pixels), 3, size, size))
    for start in range(0, len(pixels), 1000):  # float32 of a thousand pictures at a time
        batch = pixels[start : start + 1000].float()
        batch = functional.interpolate(batch, (size, size), mode="bilinear", antialias=True)
        result[start : start + 1000] = batch.round_().clamp_(0, 255).to(torch.uint8)
    return result
