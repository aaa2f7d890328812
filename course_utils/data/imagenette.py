"""Imagenette: ten easily told classes of ImageNet, from the version of 160 pixels."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from course_utils.data import archives, converted, pictures, sources, splits
from course_utils.data.cache import cache_dir
from course_utils.data.dataset import Dataset, Split
from course_utils.data.options import count_option, size_option

# WordNet's id is the folder's name; the order is torchvision's and ImageNet's.
_NAMES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
CLASSES = tuple(_NAMES.values())
_FILES = r"imagenette2-160/(train|val)/(n\d{8})/[^/]+\.JPEG"
_LARGEST = 20_000_000  # bytes; no picture of 160 pixels comes near


def load_imagenette(
    *,
    size: int | None = None,
    device: torch.device | str | None = None,
    cache: bool = True,
    validation: int = 1000,
) -> Dataset:
    """Its training pictures less `validation`; its own validation pictures are the test set.

    Args:
        size: side in pixels, 96 unless another is asked for; short side to `size`, centre cropped.
        device: where the tensors go.
        cache: keep the converted data for the next time.
        validation: pictures held out of the training set, every class in its proportion.
    """
    size = size_option(size, default=96)
    tensors = _tensors(size, cache)
    labels = tensors["train_labels"]
    count_option("validation", validation, most=len(labels) - len(CLASSES))
    quota = splits.proportional(torch.bincount(labels, minlength=len(CLASSES)), validation)
    kept, held = splits.hold_out(labels, quota)
    train = Split(tensors["train_pixels"], labels)
    return Dataset(
        name="imagenette",
        classes=CLASSES,
        train=train[kept],
        validation=train[held],
        test=Split(tensors["val_pixels"], tensors["val_labels"]),
        card=sources.card("imagenette"),
    ).to(device or "cpu")


def _tensors(size: int, cache: bool) -> dict[str, Tensor]:
    path, recipe = cache_dir() / f"imagenette-{size}.safetensors", f"imagenette {size} 1"
    if cache and (kept := converted.read(path, recipe)):
        return kept[0]
    tensors = parse(sources.source("imagenette").fetch(), size)
    if cache:
        converted.write(path, recipe, tensors, {})
    return tensors


def parse(archive: Path, size: int) -> dict[str, Tensor]:
    """train_pixels (N, 3, size, size) uint8, train_labels (N,) int64, and the same of val.

    Raises:
        DatasetError: not Imagenette's archive, or a picture in it is broken.
    """
    files: list[tuple[str, str, bytes]] = []  # (split and class and name, …): under 100 MB of JPEGs
    for match, length, stream in archives.members(archive, _FILES):
        if match[2] not in _NAMES or length > _LARGEST:
            raise archives.broken(archive, f"{match[0]} does not belong there")
        content = bytes(archives.exactly(stream, length, archive))
        files.append((match[0], match[1], content))
    files.sort(key=lambda file: file[0])  # no matter how the archive is ordered
    contents = [content for _, _, content in files]
    pixels, faults = pictures.read_all(contents, len(files), size, "reading Imagenette")
    if faults:
        first = next(iter(faults))
        raise archives.broken(archive, f"{files[first][0]}: {faults[first]}")
    order = list(_NAMES)
    labels = torch.tensor([order.index(name.split("/")[2]) for name, _, _ in files])
    tensors = {}
    for split in ("train", "val"):
        chosen = torch.tensor([own == split for _, own, _ in files], dtype=torch.bool)
        counts = (
            torch.bincount(labels[chosen], minlength=len(CLASSES)) if len(files) else chosen.sum()
        )
        if counts.min() == 0:
            raise archives.broken(archive, f"its {split} part lacks a class")
        tensors[f"{split}_pixels"] = pixels[chosen]
        tensors[f"{split}_labels"] = labels[chosen]
    return tensors
