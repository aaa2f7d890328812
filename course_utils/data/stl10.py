"""STL-10: few labelled pictures, many without labels; from its binary version."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import torch
from torch import Tensor

from course_utils import _progress
from course_utils.data import archives, converted, pictures, sources, splits
from course_utils.data.cache import cache_dir
from course_utils.data.dataset import Dataset, Split
from course_utils.data.options import count_option, size_option

CLASSES = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
UNLABELLED = 100_000
_SIDE = 96
_PICTURE = 3 * _SIDE * _SIDE  # bytes
_CHUNK = 500  # pictures read at a time
_COUNTS = {"train": 5000, "test": 8000, "unlabeled": UNLABELLED}


def load_stl10(
    *,
    size: int | None = None,
    device: torch.device | str | None = None,
    cache: bool = True,
    validation: int = 1000,
    unlabelled: bool | int = True,
) -> Dataset:
    """5,000 training pictures less `validation`, 8,000 test pictures and 100,000 without labels.

    Args:
        size: side in pixels; 96 unless another is asked for. The unlabelled part takes
            300,000 x size x size bytes of memory: 2.8 GB at 96, 0.7 GB at 48.
        device: where the tensors go.
        cache: keep the converted data for the next time.
        validation: pictures held out of the training set, the same number of each class.
        unlabelled: all of the unlabelled pictures (True), the first so many, or none (False, 0).
    """
    size = size_option(size, default=_SIDE)
    if isinstance(unlabelled, bool):
        wanted = UNLABELLED if unlabelled else 0
    else:
        wanted = count_option("unlabelled", unlabelled, least=0, most=UNLABELLED)
    count_option("validation", validation, most=_COUNTS["train"] - len(CLASSES))
    tensors = _tensors(size, cache, with_unlabelled=wanted > 0)
    labels = tensors["train_labels"]
    quota = splits.proportional(torch.bincount(labels, minlength=len(CLASSES)), validation)
    kept, held = splits.hold_out(labels, quota)
    train = Split(tensors["train_pixels"], labels)
    return Dataset(
        name="stl10",
        classes=CLASSES,
        train=train[kept],
        validation=train[held],
        test=Split(tensors["test_pixels"], tensors["test_labels"]),
        card=sources.card("stl10"),
        unlabelled=_unlabelled(tensors["unlabeled_pixels"][:wanted]) if wanted else None,
    ).to(device or "cpu")


def _unlabelled(pixels: Tensor) -> Split:
    return Split(pixels, torch.full((len(pixels),), -1))


def _tensors(size: int, cache: bool, with_unlabelled: bool) -> dict[str, Tensor]:
    """The unlabelled part has a file of its own: most uses of the data set need not read it."""
    parts = {"labelled": ("train", "test")} | (
        {"unlabelled": ("unlabeled",)} if with_unlabelled else {}
    )
    paths = {part: cache_dir() / f"stl10-{part}-{size}.safetensors" for part in parts}
    recipe = f"stl10 {size} 1"
    tensors: dict[str, Tensor] = {}
    missing = []
    for part, path in paths.items():
        if cache and (kept := converted.read(path, recipe)):
            tensors |= kept[0]
        else:
            missing.append(part)
    if missing:
        parsed = parse(
            sources.source("stl10").fetch(),
            size,
            [split for part in missing for split in parts[part]],
        )
        tensors |= parsed
        for part in missing if cache else ():
            own = {name: parsed[name] for name in parsed if name.split("_")[0] in parts[part]}
            converted.write(paths[part], recipe, own, {})
    return tensors


def parse(archive: Path, size: int, parts: list[str]) -> dict[str, Tensor]:
    """The parts ("train", "test", "unlabeled") asked for.

    Returns:
        PART_pixels (N, 3, size, size) uint8, and PART_labels (N,) int64 in 0..9 where there are any.

    Raises:
        DatasetError: not the archive of STL-10's binary version.
    """
    wanted = {f"{part}_X" for part in parts} | {
        f"{part}_y" for part in parts if part != "unlabeled"
    }
    tensors: dict[str, Tensor] = {}
    total = sum(_COUNTS[part] for part in parts)
    with _progress.bar(total, "reading STL-10", unit="picture", leave=False) as bar:
        for match, length, stream in archives.members(archive, r"stl10_binary/(\w+)_(X|y)\.bin"):
            part, kind = match[1], match[2]
            if f"{part}_{kind}" not in wanted:
                continue
            if length != _COUNTS[part] * (_PICTURE if kind == "X" else 1):
                raise archives.broken(archive, f"{match[0]} has {length:,} bytes")
            if kind == "y":
                tensors[f"{part}_labels"] = _labels(stream, length, archive)
            else:
                tensors[f"{part}_pixels"] = _pixels(stream, _COUNTS[part], size, archive, bar)
            wanted.discard(f"{part}_{kind}")
            if not wanted:  # the rest of 2.6 GB need not be unpacked
                return tensors
    raise archives.broken(archive, f"{', '.join(sorted(wanted))} not in it")


def _labels(stream: IO[bytes], length: int, archive: Path) -> Tensor:
    content = archives.exactly(stream, length, archive)
    labels = torch.frombuffer(content, dtype=torch.uint8).long() - 1  # 1 to 10 in the file
    if labels.min() < 0 or labels.max() >= len(CLASSES):
        raise archives.broken(archive, "a label outside 1 to 10")
    return labels


def _pixels(stream: IO[bytes], count: int, size: int, archive: Path, bar) -> Tensor:
    pixels = torch.empty((count, 3, size, size), dtype=torch.uint8)
    for start in range(0, count, _CHUNK):
        number = min(_CHUNK, count - start)
        content = archives.exactly(stream, number * _PICTURE, archive)
        # Column by column in the file, so height and width change places.
        columns = torch.frombuffer(content, dtype=torch.uint8).view(number, 3, _SIDE, _SIDE)
        pixels[start : start + number] = pictures.resized(columns.transpose(2, 3), size)
        bar.update(number)
    return pixels
