"""Small archives in the official layouts, with their pixels known."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils.data import cifar10, imagenet_a, sources, stl10
from course_utils.data.imagenette import _NAMES as IMAGENETTE

CIFAR_PER_FILE = 40
STL_COUNTS = {"train": 50, "test": 30, "unlabeled": 20}


def tar_gz(files: dict[str, bytes], links: dict[str, str] | None = None, level: int = 1) -> bytes:
    return gzip.compress(tar(files, links), level)


def tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def publish(
    monkeypatch: pytest.MonkeyPatch, name: str, archive: bytes, url: str = "http://127.0.0.1:9/none"
) -> Path:
    """Makes `archive` the official one of data set `name`; returns where it belongs by hand."""
    digest = hashlib.sha256(archive).hexdigest()
    made = sources.Source(f"{name}.tar.gz", url, len(archive), digest)
    monkeypatch.setattr(sources, "source", {name: made}.__getitem__)
    return made.path


def cifar10_archive(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, dict[str, np.ndarray]]:
    """(archive, {train_x: (200, 32, 32, 3), train_y, test_x, test_y})."""
    monkeypatch.setattr(cifar10, "_PER_FILE", CIFAR_PER_FILE)
    random = np.random.default_rng(0)
    known, files = {}, {"cifar-10-batches-bin/readme.html": b"<html>"}
    for split, batches in (
        ("train", [f"data_batch_{i}" for i in range(1, 6)]),
        ("test", ["test_batch"]),
    ):
        n = CIFAR_PER_FILE * len(batches)
        x = random.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)
        y = random.permutation(np.arange(n) % 10)
        known |= {f"{split}_x": x, f"{split}_y": y}
        planes = x.transpose(0, 3, 1, 2).reshape(n, -1)
        records = np.concatenate([y[:, None].astype(np.uint8), planes], axis=1)
        for batch, part in zip(batches, np.split(records, len(batches)), strict=True):
            files[f"cifar-10-batches-bin/{batch}.bin"] = part.tobytes()
    return tar_gz(files), known


def stl10_archive(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, dict[str, np.ndarray]]:
    """(archive, {PART_x: (N, 96, 96, 3), PART_y: 0..9})."""
    monkeypatch.setattr(stl10, "_COUNTS", STL_COUNTS)
    monkeypatch.setattr(stl10, "UNLABELLED", STL_COUNTS["unlabeled"])
    monkeypatch.setattr(stl10, "_CHUNK", 7)
    random = np.random.default_rng(0)
    known, files = {}, {}
    for part, n in STL_COUNTS.items():
        known[f"{part}_x"] = x = random.integers(0, 256, (n, 96, 96, 3), dtype=np.uint8)
        files[f"stl10_binary/{part}_X.bin"] = x.transpose(0, 3, 2, 1).tobytes()
        if part != "unlabeled":
            known[f"{part}_y"] = y = np.arange(n) % 10
            files[f"stl10_binary/{part}_y.bin"] = (y + 1).astype(np.uint8).tobytes()
    files["stl10_binary/class_names.txt"] = b"airplane\n"
    return tar_gz(files), known


def jpeg(colour: tuple[int, int, int], width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def imagenette_archive(per_class: int = 4, broken: str | None = None) -> bytes:
    """Class c is one flat colour, (20 c, 128, 255 - 20 c) in train, a little brighter in val."""
    files = {"imagenette2-160/noisy_imagenette.csv": b"path\n"}
    for label, folder in enumerate(IMAGENETTE):
        for split in ("train", "val"):
            for number in range(per_class):
                name = f"imagenette2-160/{split}/{folder}/{folder}_{number}.JPEG"
                content = jpeg((20 * label, 128, 255 - 20 * label), 160 + 10 * number, 160)
                files[name] = content[: len(content) // 2] if name == broken else content
    return tar_gz(files)


def imagenet_a_files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """{name in the archive: content}: two pictures a class in a jumbled order, class c of one colour,
    (c, 200 - c, 128)."""
    monkeypatch.setattr(imagenet_a, "PICTURES", 400)
    files = {
        f"imagenet-a/{folder}/0.{number}_jeep _ {folder}.jpg": jpeg((c, 200 - c, 128), 90 + c, 80)
        for number in range(2)
        for c, folder in reversed(list(enumerate(imagenet_a.WORDNET_IDS)))
    }
    return {"imagenet-a/README.txt": b"of the dataset", **files}
