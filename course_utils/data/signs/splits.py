"""Road signs as labelled pictures, and as a data set with fixed splits kept in the cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ... import _shipped
from ..._progress import bar
from .. import converted, world
from ..cache import cache_dir
from ..dataset import Dataset, Split
from ..errors import DatasetError
from ..options import count_option, size_option
from ..world import draws
from .plates import CLASSES, index_of, plate
from .poses import Poses, sample_poses
from .views import view

# Far from the small numbers that people give to `signs`, so that nobody trains on the test split.
_FIRST_SEED = 0x5161_0000
_SPLITS = ("train", "validation", "test")
_AT_ONCE = 200 * 48 * 48  # pixels
_TOLD = ("yaw", "pitch", "roll", "distance", "exposure", "background")


def signs(
    n: int,
    seed: int,
    size: int = 48,
    *,
    labels: Tensor | Sequence[int | str] | int | str | None = None,
    device: torch.device | str | None = None,
    **ranges: Any,
) -> Split:
    """Draws n labelled pictures of signs in random poses; picture i depends on the seed and on i, not on n.

    Args:
        n: how many.
        seed: any int; two seeds share no picture.
        size: side in pixels, at least 8.
        labels: the signs wanted, indices or names, one for all or one each; None draws them.
        device: where to keep the pictures; CPU by default.
        **ranges: as for `sample_poses`: yaw, pitch, roll, distance, shift, exposure, light, warmth, background.

    Returns:
        A Split whose attributes are each pose's yaw, pitch, roll, distance, exposure, float32, and
        background, int64 index into BACKGROUNDS.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    poses, label = _sampled(n, seed, labels, ranges)
    return _split(_drawn(poses, label, size), label, poses).to(device or "cpu")


def load_signs(
    size: int | None = None,
    *,
    n_train: int = 8000,
    n_validation: int = 1000,
    n_test: int = 2000,
    seed: int = 0,
    device: torch.device | str | None = None,
    cache: bool = True,
) -> Dataset:
    """The signs in their splits, which share no pose; drawn at the first call, then read.

    Args:
        size: side of the pictures in pixels; 48 by default.
        n_train, n_validation, n_test: pictures a split.
        seed: another seed is other poses of the same signs.
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
    }
    parts = {name: _kept(name, counts[name], size, seed, cache) for name in _SPLITS}
    dataset = Dataset(name="signs", classes=CLASSES, card=_card(), **parts)
    return dataset if device is None else dataset.to(device)


def split_seed(name: str, seed: int = 0) -> int:
    """The seed with which a split is drawn."""
    return _FIRST_SEED + seed * len(_SPLITS) + _SPLITS.index(name)


def _sampled(n: int, seed: int, labels: Any, ranges: dict[str, Any]) -> tuple[Poses, Tensor]:
    poses = sample_poses(n, seed, **ranges)
    if labels is None:
        return poses, draws.choice(poses.key, "sign label", len(CLASSES))
    one = isinstance(labels, str) or not hasattr(labels, "__len__")
    index = [index_of(labels)] * n if one else [index_of(label) for label in labels]
    if len(index) != n:
        raise DatasetError(f"{len(index)} labels for {n} pictures; give one each, or one for all")
    return poses, torch.tensor(index, dtype=torch.int64)


def _drawn(poses: Poses, label: Tensor, size: int) -> Tensor:
    """(N, 3, size, size) uint8: one sign at a time, many pictures of it at once."""
    pixels = torch.empty(len(poses), 3, size, size, dtype=torch.uint8)
    at_once = max(1, _AT_ONCE // size**2)
    with (
        bar(len(poses), "drawing the signs", unit="picture", leave=False) as shown,
        torch.no_grad(),
    ):
        for sign in label.unique().tolist():
            texture, alpha = plate(sign)
            for rows in (label == sign).nonzero()[:, 0].split(at_once):
                seen = view(texture, alpha, poses[rows], size)
                pixels[rows] = (seen * 255).round_().to(torch.uint8)
                shown.update(len(rows))
    return pixels


def _split(pixels: Tensor, label: Tensor, poses: Poses) -> Split:
    return Split(pixels, label, {name: getattr(poses, name) for name in _TOLD})


def _kept(name: str, n: int, size: int, seed: int, cache: bool) -> Split:
    """A split out of the cache folder, or drawn and put there."""
    recipe = f"{_renderer()} {name} {n} {size} {seed}"
    stamp = hashlib.sha256(recipe.split(" ", 1)[1].encode()).hexdigest()[:10]
    path = cache_dir() / "signs" / f"{name}-{size}px-{stamp}.safetensors"
    found = converted.read(path, recipe) if cache else None
    poses, label = _sampled(n, split_seed(name, seed), None, {})
    pixels = found[0]["pixels"] if found else _drawn(poses, label, size)
    if cache and not found:
        converted.write(path, recipe, {"pixels": pixels}, {})
    return _split(pixels, label, poses)


def _renderer() -> str:
    """Changes whenever the source of the pictures does, so that no cache outlives the code it came from."""
    folders = (Path(__file__).parent, Path(world.__file__).parent)
    sources = sorted(path for folder in folders for path in folder.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def _card() -> str:
    card = _shipped.path("signs.md")
    if card.is_file():
        return card.read_text(encoding="utf-8")
    return "# Road signs\n\nPictures drawn by course_utils.data.signs."
