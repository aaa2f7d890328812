"""CIFAR-10 from its binary version: plain bytes, where the python version is a pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from course_utils.data import archives, converted, pictures, sources, splits
from course_utils.data.cache import cache_dir
from course_utils.data.dataset import Dataset, Split
from course_utils.data.options import count_option, size_option

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_FILES = r"cifar-10-batches-bin/(data_batch_[1-5]|test_batch)\.bin"
_RECORD = 1 + 3 * 32 * 32  # the label, then the red, green and blue planes, row by row
_PER_FILE = 10_000


def load_cifar10(
    *,
    size: int | None = None,
    device: torch.device | str | None = None,
    cache: bool = True,
    validation: int = 5000,
) -> Dataset:
    """50,000 training pictures less `validation`, and 10,000 test pictures, in the archive's order.

    Args:
        size: side in pixels; 32 unless another is asked for, which is interpolated.
        device: where the tensors go.
        cache: keep the converted data for the next time.
        validation: pictures held out of the training set, the same number of each class.
    """
    size = size_option(size, default=32)
    tensors = _tensors(size, cache)
    count_option("validation", validation, most=len(tensors["train_labels"]) - len(CLASSES))
    labels = tensors["train_labels"]
    quota = splits.proportional(torch.bincount(labels, minlength=len(CLASSES)), validation)
    kept, held = splits.hold_out(labels, quota)
    train = Split(tensors["train_pixels"], labels)
    return Dataset(
        name="cifar10",
        classes=CLASSES,
        train=train[kept],
        validation=train[held],
        test=Split(tensors["test_pixels"], tensors["test_labels"]),
        card=sources.card("cifar10"),
    ).to(device or "cpu")


def _tensors(size: int, cache: bool) -> dict[str, Tensor]:
    path, recipe = cache_dir() / f"cifar10-{size}.safetensors", f"cifar10 {size} 1"
    if cache and (kept := converted.read(path, recipe)):
        return kept[0]
    tensors = parse(sources.source("cifar10").fetch())
    for name in ("train_pixels", "test_pixels"):
        tensors[name] = pictures.resized(tensors[name], size)
    if cache:
        converted.write(path, recipe, tensors, {})
    return tensors


def parse(archive: Path) -> dict[str, Tensor]:
    """train_pixels (50000, 3, 32, 32) uint8, train_labels (50000,) int64, and the same of test.

    Raises:
        DatasetError: not the archive of CIFAR-10's binary version.
    """
    batches: dict[str, Tensor] = {}
    for match, length, stream in archives.members(archive, _FILES):
        if length != _PER_FILE * _RECORD:
            raise archives.broken(archive, f"{match[0]} has {length:,} bytes")
        content = archives.exactly(stream, length, archive)
        batches[match[1]] = torch.frombuffer(content, dtype=torch.uint8).view(_PER_FILE, _RECORD)
    names = [f"data_batch_{number}" for number in range(1, 6)]
    if missing := [name for name in (*names, "test_batch") if name not in batches]:
        raise archives.broken(archive, f"{', '.join(missing)} not in it")
    tensors = {}
    for split, records in (
        ("train", torch.cat([batches[name] for name in names])),
        ("test", batches["test_batch"]),
    ):
        labels = records[:, 0].long()
        if labels.max() >= len(CLASSES):
            raise archives.broken(archive, f"a label of {int(labels.max())} in its {split} part")
        tensors[f"{split}_labels"] = labels
        tensors[f"{split}_pixels"] = records[:, 1:].reshape(-1, 3, 32, 32)
    return tensors
