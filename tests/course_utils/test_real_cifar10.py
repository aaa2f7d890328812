"""All of the real CIFAR-10 through the real path: the archive placed by hand, then load()."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from course_utils.data import load
from tests.course_utils.made_archives import publish, tar_gz
from tests.real import real

pytestmark = pytest.mark.real


def records(x: np.ndarray, y: np.ndarray) -> bytes:
    """The binary version's layout: a label, then three planes, for each picture."""
    planes = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
    return np.concatenate([y[:, None].astype(np.uint8), planes], axis=1).tobytes()


def both(name: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(real("cifar10", name)) as shard:
        return shard["x"], shard["y"]


def test_cifar10_through_its_archive_is_cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    shards = [both(f"train_{number}.npz") for number in range(4)]
    x, y = (np.concatenate(parts) for parts in zip(*shards, strict=True))
    test_x, test_y = both("test.npz")
    folder = "cifar-10-batches-bin/"
    files = {
        f"{folder}data_batch_{1 + start // 10_000}.bin": records(
            x[start : start + 10_000], y[start : start + 10_000]
        )
        for start in range(0, 50_000, 10_000)
    }
    files[f"{folder}test_batch.bin"] = records(test_x, test_y)
    archive = tar_gz(files, level=0)  # pixels hardly shrink, and packing them takes long
    publish(monkeypatch, "cifar10", archive).write_bytes(archive)

    first = load("cifar10")
    again = load("cifar10")  # from the converted cache

    for dataset in (first, again):
        assert (dataset.test.pixels.permute(0, 2, 3, 1).numpy() == test_x).all()
        assert (dataset.test.labels.numpy() == test_y).all()
        assert torch.bincount(dataset.train.labels).tolist() == [4500] * 10
        assert torch.bincount(dataset.validation.labels).tolist() == [500] * 10
    # The training part, in whatever order: the sum over each class's pixels is the same.
    for label in range(10):
        ours = sum(
            int(split.pixels[split.labels == label].long().sum())
            for split in (first.train, first.validation)
        )
        assert ours == int(x[y == label].astype(np.int64).sum())
