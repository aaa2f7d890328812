"""The world as a data set: fixed splits, drawn once and kept in the cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..._progress import bar
from .. import converted
from ..cache import cache_dir
from ..dataset import Dataset, Split
from ..options import count_option, size_option
from .render import render
from .scenes import CLASSES, choices, sample

# Far from the small numbers that people give to `world`, so that nobody trains on the test split.
_FIRST_SEED = 0x3485_0000
_SPLITS = ("train", "validation", "test", "unlabelled")
_AT_ONCE = 1000  # pictures between two moves of the progress bar


def load_world(
    size: int | None = None,
    *,
    n_train: int = 8000,
    n_validation: int = 1000,
    n_test: int = 2000,
    n_unlabelled: int = 8000,
    colour_cue: float = 0.0,
    background_cue: float = 0.0,
    background: str | Sequence[str] = "plain",
    seed: int = 0,
    device: torch.device | str | None = None,
    cache: bool = True,
) -> Dataset:
    """The world in its splits, which share no picture; drawn at the first call, then read.

    Args:
        size: side of the pictures in pixels; 48 by default.
        n_train, n_validation, n_test, n_unlabelled: pictures a split; 0 unlabelled ones for none.
        colour_cue, background_cue, background: as in `world`, for every split.
        seed: another seed is another world of the same kind.
        device: where the tensors go; CPU by default.
        cache: keep the pictures in the cache folder.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    size = size_option(size, 48)
    counts = {
        "train": count_option("n_train", n_train, 10**7),
        "validation": count_option("n_validation", n_validation, 10**7),
        "test": count_option("n_test", n_test, 10**7),
        "unlabelled": count_option("n_unlabelled", n_unlabelled, 10**7, least=0),
    }
    knobs = {"colour_cue": colour_cue, "background_cue": background_cue, "background": background}
    target = torch.device(device or "cpu")
    parts = {
        name: _split(name, counts[name], size, seed, knobs, target, cache)
        for name in _SPLITS
        if counts[name]
    }
    return Dataset(
        name="world",
        classes=CLASSES,
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        card=_card(),
        unlabelled=parts.get("unlabelled"),
    )


def split_seed(name: str, seed: int = 0) -> int:
    """The seed with which a split is drawn."""
    return _FIRST_SEED + seed * len(_SPLITS) + _SPLITS.index(name)


def _split(
    name: str,
    n: int,
    size: int,
    seed: int,
    knobs: dict,
    device: torch.device,
    cache: bool,
) -> Split:
    own = choices(knobs["background"])
    recipe = f"{_renderer()} {name} {n} {size} {seed} {knobs['colour_cue']:g} {knobs['background_cue']:g} {own.tolist()}"
    stamp = hashlib.sha256(recipe.split(" ", 1)[1].encode()).hexdigest()[:10]
    path = cache_dir() / "world" / f"{name}-{size}px-{stamp}.safetensors"
    found = converted.read(path, recipe) if cache else None
    tensors = found[0] if found else _drawn(name, n, size, split_seed(name, seed), knobs, device)
    if cache and not found:
        converted.write(path, recipe, {k: v.cpu() for k, v in tensors.items()}, {})
    labels, colour, background = tensors["labels"], tensors["colour"], tensors["background"]
    attributes = {
        "colour": colour,
        "background": background,
        "colour_agrees": colour == labels,
        "background_agrees": background == own[labels % len(own)],
    }
    known = torch.full_like(labels, -1) if name == "unlabelled" else labels
    return Split(tensors["pixels"].cpu(), known, attributes).to(device)


def _drawn(
    name: str, n: int, size: int, seed: int, knobs: dict, device: torch.device
) -> dict[str, Tensor]:
    pixels = torch.empty(n, 3, size, size, dtype=torch.uint8)
    scenes = sample(n, seed, **knobs)
    with bar(n, f"drawing the world: {name}", unit="picture", leave=False) as shown:
        for first in range(0, n, _AT_ONCE):
            chunk = scenes[first : first + _AT_ONCE]
            pixels[first : first + _AT_ONCE] = render(chunk, size, device).cpu()
            shown.update(len(chunk))
    return {
        "pixels": pixels,
        "labels": scenes.label,
        "colour": scenes.colour,
        "background": scenes.background,
    }


def _renderer() -> str:
    """Changes whenever the renderer's source does, so that no cache outlives the code it came from."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def _card() -> str:
    package = Path(__file__).resolve().parents[2]
    for place in (package / "_data", package.parent / "data"):
        if (place / "world.md").is_file():
            return (place / "world.md").read_text(encoding="utf-8")
    return "# The embedded world\n\nPictures drawn by course_utils.data.world."
