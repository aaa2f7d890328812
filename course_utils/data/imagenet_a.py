"""ImageNet-A: unaltered photographs of 200 of ImageNet's classes that a ResNet-50 got wrong.

Hendrycks, Zhao, Basart, Steinhardt, Song: Natural adversarial examples, CVPR 2021, arXiv 1907.07174.
"""

from __future__ import annotations

import warnings
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from course_utils.data import archives, converted, folder, sources
from course_utils.data.cache import cache_dir
from course_utils.data.dataset import Dataset, Split
from course_utils.data.errors import DatasetError
from course_utils.data.imagenet_a_classes import CLASSES, INDICES, WORDNET_IDS
from course_utils.data.options import count_option, size_option
from course_utils.data.pictures import read_all
from course_utils.data.splits import SEED

__all__ = ["CLASSES", "INDICES", "PICTURES", "WORDNET_IDS", "load_imagenet_a"]

PICTURES = 7500
_INNER = "imagenet-a"  # the one folder in the archive
_FILES = rf"(?:{_INNER}/)?((n\d{{8}})/[^/.][^/]*\.(?i:jpe?g|png))"
_LARGEST = 50_000_000  # bytes; the average is below 100,000
_LABELS = {wordnet_id: label for label, wordnet_id in enumerate(WORDNET_IDS)}


def load_imagenet_a(
    *,
    size: int | None = None,
    device: torch.device | str | None = None,
    cache: bool = True,
    pictures: int | None = None,
    source: str | Path | None = None,
) -> Dataset:
    """A test set and nothing else: `train` and `validation` are empty.

    Labels are 0 to 199, the places in `classes`; `models.Subset(network, INDICES)` gives a network
    of ImageNet's 1,000 classes the same 200 answers.

    Args:
        size: side in pixels, 224 unless another is asked for. As ImageNet's networks are tested, the
            short side is scaled to 8/7 of it (256 for 224) and the middle is cut out. All pictures
            take 22,500 x size x size bytes of memory: 1.1 GB at 224.
        device: where the tensors go.
        cache: keep the converted pictures for the next time (as many bytes on disk).
        pictures: draw so many, always the same ones, instead of taking all 7,500.
        source: the archive, or the folder it unpacks to, where it is at hand; else it is downloaded.
    """
    size = size_option(size, default=224)
    if pictures is not None:
        count_option("pictures", pictures, most=PICTURES)
    tensors, available = _tensors(size, pictures, source, cache)
    if available != PICTURES:
        warnings.warn(
            f"{source} holds {available:,} of ImageNet-A's {PICTURES:,} pictures: what is measured on "
            "them can't be compared with published figures",
            stacklevel=3,
        )
    test = Split(tensors["pixels"], tensors["labels"])
    return Dataset(
        name="imagenet_a",
        classes=CLASSES,
        train=test[:0],
        validation=test[:0],
        test=test,
        card=sources.card("imagenet_a"),
    ).to(device or "cpu")


def _tensors(
    size: int, count: int | None, source: str | Path | None, cache: bool
) -> tuple[dict[str, Tensor], int]:
    """(tensors as `parse` gives them, how many pictures there were to choose from)."""
    local = None if source is None else _local(source)
    share = "all" if count is None else str(count)
    path = cache_dir() / f"imagenet_a-{size}-{share}.safetensors"
    recipe = f"imagenet_a {size} {share} 1 {local.stamp() if local else 'official'}"
    if cache and (kept := converted.read(path, recipe)):
        return kept[0], int(kept[1]["available"])
    place = local or InArchive(sources.source("imagenet_a").fetch())
    tensors, available = parse(place, size, count)
    if cache:
        converted.write(path, recipe, tensors, {"available": str(available)})
    return tensors, available


def parse(
    place: InArchive | InFolder, size: int, count: int | None = None
) -> tuple[dict[str, Tensor], int]:
    """Reads `count` pictures drawn by a fixed seed, or all of them.

    Returns:
        ({pixels: (N, 3, size, size) uint8, labels: (N,) int64 in 0..199}, how many there were), in
        the order of the files' names, whatever order the archive has.

    Raises:
        DatasetError: not ImageNet-A, or a picture of it is broken.
    """
    names = place.names()
    ordered = sorted(set(names))
    if not names or len(ordered) < len(names):
        raise place.fault("it has no pictures" if not names else "it has pictures twice")
    drawn = torch.randperm(len(names), generator=torch.Generator().manual_seed(SEED))[:count]
    chosen = [ordered[index] for index in drawn.sort().values.tolist()]
    rank = {name: index for index, name in enumerate(chosen)}
    pixels, faults = read_all(
        place.contents(rank),
        len(chosen),
        size,
        "reading ImageNet-A",
        resize=size * 8 // 7,
        places=[rank[name] for name in names if name in rank],
    )
    if faults:
        first = next(iter(faults))
        raise place.fault(f"{chosen[first]}: {faults[first]}")
    labels = torch.tensor([_LABELS[name.partition("/")[0]] for name in chosen])
    return {"pixels": pixels, "labels": labels}, len(names)


# ---- where the pictures lie; a picture's name is "n01498041/file.jpg" ------------------------


@dataclass(frozen=True)
class InArchive:
    """The archive, which is not unpacked: read through once for the names, once for the contents."""

    path: Path

    def stamp(self) -> str:
        """Changes when the archive does."""
        status = self.path.stat()
        return f"{self.path} {status.st_size} {status.st_mtime_ns}"

    def names(self) -> list[str]:
        found = []
        for match, length, _ in archives.members(self.path, _FILES):
            if match[2] not in _LABELS or length > _LARGEST:
                raise self.fault(f"{match[0]} does not belong there")
            found.append(match[1])
        return found

    def contents(self, wanted: Container[str]) -> Iterator[bytes]:
        """Those of the wanted names, in the order of `names`."""
        for match, length, stream in archives.members(self.path, _FILES):
            if match[1] in wanted:
                yield bytes(archives.exactly(stream, length, self.path))

    def fault(self, why: str) -> DatasetError:
        return archives.broken(self.path, why)


@dataclass(frozen=True)
class InFolder:
    """The unpacked archive: a folder for each class."""

    listing: folder.Listing

    def stamp(self) -> str:
        return f"{self.listing.root} {self.listing.stamp()}"

    def names(self) -> list[str]:
        # A folder that is divided has "train" and the like where the classes should be.
        folders = [part for part in self.listing.parts if part] or self.listing.classes
        if unknown := [name for name in folders if name not in _LABELS]:
            raise self.fault(f"the folder {unknown[0]} is none of its 200 classes, n01498041 …")
        return [file.relative_to(self.listing.root).as_posix() for _, file in self._files()]

    def contents(self, wanted: Container[str]) -> Iterator[Path]:
        """Those of the wanted names, in the order of `names`."""
        for name, (_, file) in zip(self.names(), self._files(), strict=True):
            if name in wanted:
                yield file

    def fault(self, why: str) -> DatasetError:
        return DatasetError(
            f"{self.listing.root} is not ImageNet-A ({why}): name the folder that the archive unpacks to, "
            "unpack it again, or leave `source` out to have it downloaded"
        )

    def _files(self) -> list[tuple[int, Path]]:
        return self.listing.parts[""]


def _local(source: str | Path) -> InArchive | InFolder:
    path = Path(source).expanduser().absolute()
    if path.is_file():
        return InArchive(path)
    if not path.is_dir():
        raise DatasetError(
            f"source = {str(source)!r}: there is no such file or folder. Name imagenet-a.tar, or the "
            "folder it unpacks to, or leave `source` out to have it downloaded"
        )
    inner = path / _INNER
    return InFolder(folder.scan(inner if inner.is_dir() else path))
