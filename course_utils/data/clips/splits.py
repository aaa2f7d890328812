"""Clips drawn on the spot, and as a data set with fixed splits kept in the cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ... import _shipped
from ..._progress import bar
from .. import converted, world
from ..cache import cache_dir
from ..dataset import Dataset, Split
from ..options import count_option, size_option
from ..world import CLASSES
from ..world.render import _side_by_side
from .drawing import draw
from .motion import GROUNDS, MOST_FRAMES, Motions, sample_motions

# Far from the small numbers that people give to `clips`, so that nobody trains on the test split.
_FIRST_SEED = 0x3485_C119_0000
_SPLITS = ("train", "validation", "test")
_AT_ONCE = 256 * 48 * 48  # pixels


def clips(
    n: int,
    seed: int,
    size: int = 48,
    frames: int = 8,
    *,
    things: int | None = None,
    background: str | Sequence[str] = GROUNDS,
    labels: Tensor | Sequence[int | str] | int | str | None = None,
    device: torch.device | str | None = None,
) -> Split:
    """Draws n clips of things that glide; clip i depends on the seed and on i, not on n.

    Args:
        n: how many.
        seed: any int; two seeds share no clip.
        size: side of a frame in pixels, 8 or more.
        frames: in each clip; more of them show the same movement in smaller steps.
        things: how many move, 1 or 2; None: two in two clips of three.
        background: as for `world`; by default any of the plain ones and, twice as often, any scene.
        labels: classes of the things in front, indices or names, one for all or one each.
        device: where to draw and keep the frames; CPU by default.

    Returns:
        A Split of n * frames pictures, those of a clip one after another. Its labels are the classes of
        the things in front; its attributes are `clip` and `time`, int64, the numbers of clip and frame
        from 0, and `thing`, (n * frames, size, size) bool, the pixels of what moves. `Clips` puts the
        frames together.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    size = size_option(size, 48)
    motions = sample_motions(n, seed, frames, things=things, background=background, labels=labels)
    return _split(motions, *_drawn(motions, size, torch.device(device or "cpu")))


def load_clips(
    size: int | None = None,
    *,
    frames: int = 8,
    n_train: int = 400,
    n_validation: int = 50,
    n_test: int = 100,
    seed: int = 0,
    device: torch.device | str | None = None,
    cache: bool = True,
) -> Dataset:
    """The clips in their splits, which share none; drawn at the first call, then read.

    Args:
        size: side of the frames in pixels; 48 by default.
        frames: in each clip.
        n_train, n_validation, n_test: clips a split.
        seed: another seed is other clips of the same kind.
        device: where the tensors go; CPU by default.
        cache: keep the frames in the cache folder.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    size = size_option(size, 48)
    frames = count_option("frames", frames, MOST_FRAMES)
    counts = {
        "train": count_option("n_train", n_train, 10**6),
        "validation": count_option("n_validation", n_validation, 10**6),
        "test": count_option("n_test", n_test, 10**6),
    }
    target = torch.device(device or "cpu")
    parts = {
        name: _kept(
            name,
            sample_motions(counts[name], split_seed(name, seed), frames),
            size,
            seed,
            target,
            cache,
        )
        for name in _SPLITS
    }
    return Dataset(name="clips", classes=CLASSES, card=_card(), **parts)


def split_seed(name: str, seed: int = 0) -> int:
    """The seed with which a split is drawn."""
    return _FIRST_SEED + seed * len(_SPLITS) + _SPLITS.index(name)


def _drawn(motions: Motions, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """As `draw`, any number of clips, a few at a time."""
    frames = motions.frames
    at_once = max(1, _AT_ONCE // (frames * size**2))
    pixels = torch.empty(len(motions) * frames, 3, size, size, dtype=torch.uint8, device=device)
    thing = torch.empty(len(motions) * frames, size, size, dtype=torch.bool, device=device)
    chunks = [rows for rows in torch.arange(len(motions)).split(at_once) if len(rows)]
    with bar(len(motions), "drawing the clips", unit="clip", leave=False) as shown:

        def work(chosen: Tensor) -> None:
            first, end = int(chosen[0]), int(chosen[-1]) + 1
            rows = slice(first * frames, end * frames)
            pixels[rows], thing[rows] = draw(motions[first:end], size, device)
            shown.update(len(chosen))

        if device.type == "cpu":
            _side_by_side(work, chunks)
        else:
            for chosen in chunks:
                work(chosen)
    return pixels, thing


def _split(motions: Motions, pixels: Tensor, thing: Tensor) -> Split:
    """On the device of the pixels."""
    n, frames = len(motions), motions.frames
    attributes = {
        "clip": torch.arange(n).repeat_interleave(frames),
        "time": torch.arange(frames).repeat(n),
        "thing": thing,
    }
    return Split(pixels, motions.front.label, attributes).to(pixels.device)


def _kept(
    name: str, motions: Motions, size: int, seed: int, device: torch.device, cache: bool
) -> Split:
    """A split out of the cache folder, or drawn and put there."""
    recipe = f"{_renderer()} {name} {len(motions)} {motions.frames} {size} {seed}"
    stamp = hashlib.sha256(recipe.split(" ", 1)[1].encode()).hexdigest()[:10]
    path = cache_dir() / "clips" / f"{name}-{size}px-{stamp}.safetensors"
    if cache and (found := converted.read(path, recipe)):
        pixels, thing = found[0]["pixels"], found[0]["thing"].bool()
    else:
        pixels, thing = (part.cpu() for part in _drawn(motions, size, device))
        if cache:
            converted.write(path, recipe, {"pixels": pixels, "thing": thing.byte()}, {})
    return _split(motions, pixels, thing).to(device)


def _renderer() -> str:
    """Changes whenever what draws a clip does, so that no cache outlives the code it came from."""
    here, painters = Path(__file__).parent, Path(world.__file__).parent.glob("*.py")
    sources = [here / "motion.py", here / "drawing.py", *sorted(painters)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def _card() -> str:
    card = _shipped.path("clips.md")
    if card.is_file():
        return card.read_text(encoding="utf-8")
    return "# Clips\n\nShort moving scenes drawn by course_utils.data.clips."
