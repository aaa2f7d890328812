"""The faces as a data set. Its splits share no person: the test split asks about strangers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from ..._progress import bar
from .. import converted
from ..cache import cache_dir
from ..dataset import Dataset, Split
from ..options import count_option, size_option
from .portraits import Portraits, sample
from .render import render

# Far from the small numbers that people give to `faces`, so that nobody trains on the test split.
_FIRST_SEED = 0x3485_FACE_0000
_SPLITS = ("train", "validation", "test")
_AT_ONCE = 500  # pictures between two moves of the progress bar


def load_faces(
    size: int | None = None,
    *,
    n_train: int = 600,
    n_validation: int = 100,
    n_test: int = 100,
    shots: int = 12,
    seed: int = 0,
    device: torch.device | str | None = None,
    cache: bool = True,
) -> Dataset:
    """The faces in splits that share no person; drawn at the first call, then read.

    Labels number the persons through: a test label never occurs in training.

    Args:
        size: side of the pictures in pixels; 48 by default.
        n_train, n_validation, n_test: persons a split.
        shots: pictures of each person.
        seed: another seed is other persons.
        device: where the tensors go; CPU by default.
        cache: keep the pictures in the cache folder.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    size = size_option(size, 48)
    counts = {
        "train": count_option("n_train", n_train, 10**6),
        "validation": count_option("n_validation", n_validation, 10**6),
        "test": count_option("n_test", n_test, 10**6),
    }
    count_option("shots", shots, 10**6)
    target = torch.device(device or "cpu")
    parts: dict[str, Split] = {}
    before = 0
    for name in _SPLITS:
        portraits = sample(counts[name], shots, split_seed(name, seed))
        split = split_of(portraits, _pixels(name, portraits, size, seed, target, cache), before)
        parts[name] = split.to(target)
        before += counts[name]
    return Dataset(
        name="faces",
        classes=tuple(f"person {i}" for i in range(before)),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        card=_card(),
    )


def split_seed(name: str, seed: int = 0) -> int:
    """The seed with which a split is drawn."""
    return _FIRST_SEED + seed * len(_SPLITS) + _SPLITS.index(name)


def split_of(portraits: Portraits, pixels: Tensor, before: int = 0) -> Split:
    """Portraits and their pixels as a Split on the CPU, labels counted from `before`."""
    attributes = {"pose": portraits.pose, "glasses": portraits.glasses}
    return Split(pixels.cpu(), portraits.label + before, attributes)


def _pixels(
    name: str, portraits: Portraits, size: int, seed: int, device: torch.device, cache: bool
) -> Tensor:
    shots = int((portraits.label == 0).sum())
    recipe = f"{_renderer()} {name} {len(portraits)} {shots} {size} {seed}"
    stamp = hashlib.sha256(recipe.split(" ", 1)[1].encode()).hexdigest()[:10]
    path = cache_dir() / "faces" / f"{name}-{size}px-{stamp}.safetensors"
    found = converted.read(path, recipe) if cache else None
    if found:
        return found[0]["pixels"]
    pixels = torch.empty(len(portraits), 3, size, size, dtype=torch.uint8)
    with bar(len(portraits), f"drawing the faces: {name}", unit="picture", leave=False) as shown:
        for first in range(0, len(portraits), _AT_ONCE):
            chunk = portraits[first : first + _AT_ONCE]
            pixels[first : first + _AT_ONCE] = render(chunk, size, device).cpu()
            shown.update(len(chunk))
    if cache:
        converted.write(path, recipe, {"pixels": pixels}, {})
    return pixels


def _renderer() -> str:
    """Changes whenever what draws a face does, so that no cache outlives the code it came from."""
    here = Path(__file__).parent
    world = [here.parent / "world" / f"{name}.py" for name in ("draws", "noise", "palettes", "pen", "sdf")]  # fmt: skip
    sources = [*sorted(here.glob("*.py")), *world]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def _card() -> str:
    package = Path(__file__).resolve().parents[2]
    for place in (package / "_data", package.parent / "data"):
        if (place / "faces.md").is_file():
            return (place / "faces.md").read_text(encoding="utf-8")
    return "# The faces\n\nCartoon faces drawn by course_utils.data.faces."
