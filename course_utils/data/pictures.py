"""Files of every kind and shape into square RGB pictures."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor
from torch.nn import functional

from course_utils import _progress

_WITH_ALPHA = {"RGBA", "RGBa", "LA", "La", "PA"}


class Unreadable(Exception):
    """Not a picture; the message says why."""


def read(source: Path | bytes, size: int) -> np.ndarray:
    """One picture: upright by its EXIF note, short side to `size`, centre cropped, in RGB.

    Transparent parts come out white; of an animation the first frame is taken; 16 bits become 8.

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
                image.draft("RGB", (2 * size, 2 * size))  # a JPEG then decodes no finer than needed
                upright = ImageOps.exif_transpose(image)
                square = ImageOps.fit(_rgb(upright), (size, size), Image.Resampling.BICUBIC)
    except UnidentifiedImageError:
        raise Unreadable("no picture format that can be read") from None
    except (
        Exception
    ) as error:  # Pillow's decoders raise whatever a broken file makes them stumble over
        raise Unreadable(str(error).partition("\n")[0] or type(error).__name__) from None
    return np.ascontiguousarray(np.asarray(square).transpose(2, 0, 1))


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
    sources: Sequence[Path | bytes] | Iterable[bytes], count: int, size: int, title: str
) -> tuple[Tensor, dict[int, str]]:
    """Many pictures, on all cores, with a progress bar.

    Returns:
        ((count, 3, size, size) uint8, {index of what could not be read: why}); those stay black.
    """
    pixels = torch.zeros((count, 3, size, size), dtype=torch.uint8)
    faults: dict[int, str] = {}

    def one(numbered: tuple[int, Path | bytes]) -> None:
        index, source = numbered
        try:
            pixels[index] = torch.from_numpy(read(source, size))
        except Unreadable as fault:
            faults[index] = str(fault)

    with (
        ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
        _progress.bar(count, title, unit="picture", leave=False) as bar,
    ):
        for _ in pool.map(one, enumerate(sources)):
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
