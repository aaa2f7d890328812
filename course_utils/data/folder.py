"""A folder of one's own pictures: one subfolder a class, or train, validation and test above them."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import torch
from PIL import Image
from torch import Tensor

from course_utils.data import converted, pictures, splits
from course_utils.data.cache import cache_dir
from course_utils.data.dataset import Dataset, Split
from course_utils.data.errors import DatasetError
from course_utils.data.options import count_option, fraction_option, size_option

PARTS = ("train", "validation", "test")
_CALLED = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
# Camera formats that a picture folder may well hold and that Pillow alone can't read.
_FOREIGN = {
    ".heic",
    ".heif",
    ".jxl",
    ".cr2",
    ".cr3",
    ".nef",
    ".arw",
    ".dng",
    ".raf",
    ".orf",
    ".svg",
}
_NAMED = 5  # files spelt out in a message
_REMEDY = "make one subfolder for each class and put its pictures in there"


@dataclass(frozen=True)
class Listing:
    """The picture files of a folder. `parts` has one key, "", where the folder is not divided."""

    root: Path
    classes: tuple[str, ...]
    parts: dict[str, list[tuple[int, Path]]]  # part -> (class, file), sorted
    foreign: tuple[Path, ...]

    def stamp(self) -> str:
        """Changes when a picture is added, removed, renamed or rewritten."""
        facts = []
        for part, files in self.parts.items():
            for label, path in files:
                name = path.relative_to(self.root).as_posix()
                try:
                    status = path.stat()
                    facts.append((part, label, name, status.st_size, status.st_mtime_ns))
                except OSError:  # a link to nothing: named with the other unreadable ones later
                    facts.append((part, label, name, -1, -1))
        return hashlib.sha256(repr((self.classes, facts)).encode()).hexdigest()[:16]


def load_folder(
    path: Path,
    *,
    size: int | None = None,
    device: torch.device | str | None = None,
    cache: bool = True,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = splits.SEED,
) -> Dataset:
    """Pictures of any format, shape and size; what can't be read is named in a warning and left out.

    Args:
        path: holds a subfolder for each class; or `train` and, if there are, `val` and `test`,
            which hold them.
        size: side in pixels, 96 unless another is asked for; short side to `size`, centre cropped.
        device: where the tensors go.
        cache: keep the converted pictures for the next time; a changed folder is read again.
        validation, test: shares of each class held out where the folder has no such part.
        seed: of that draw.
    """
    size = size_option(size, default=96)
    shares = {
        "validation": fraction_option("validation", validation),
        "test": fraction_option("test", test),
    }
    count_option("seed", seed, least=0, most=2**63 - 1)
    if sum(shares.values()) >= 1:
        raise DatasetError(f"validation = {validation} and test = {test} leave nothing to train on")
    listing = scan(Path(path).expanduser().absolute())
    tensors, skipped = _read(listing, size, cache)
    if skipped:
        warnings.warn(_skipped_words(skipped), stacklevel=3)
    chosen = _divide(listing, tensors, shares, seed)
    dataset = Dataset(
        name=f"folder:{path}",
        classes=listing.classes,
        card=_card(listing, tensors["labels"], chosen, skipped),
        **{
            part: Split(tensors["pixels"][index], tensors["labels"][index])
            for part, index in chosen.items()
        },
    )
    return dataset.to(device or "cpu")


# ---- what is there ---------------------------------------------------------------------------


def scan(root: Path) -> Listing:
    """Finds classes and picture files, without opening any.

    Raises:
        DatasetError: no such folder, no pictures, pictures outside class folders, a single class.
    """
    if not root.exists():
        raise DatasetError(f"there is no folder {root}{_nearest(root)}")
    if not root.is_dir():
        raise DatasetError(f"{root} is a file; name the folder that holds the pictures")
    subfolders = _subfolders(root)
    parts = {_CALLED[sub.name.lower()]: sub for sub in subfolders if sub.name.lower() in _CALLED}
    # A class may be called "train" too: then pictures lie in it, not folders.
    if "train" in parts and _subfolders(parts["train"]) and not _files(parts["train"], False)[0]:
        folders = {part: {sub.name: sub for sub in _subfolders(own)} for part, own in parts.items()}
    else:
        folders = {"": {sub.name: sub for sub in subfolders}}
    return _list(root, folders)


def _list(root: Path, folders: dict[str, dict[str, Path]]) -> Listing:
    undivided = "" in folders
    found = {
        part: {name: _files(own, True) for name, own in subs.items()}
        for part, subs in folders.items()
    }
    foreign = tuple(f for subs in found.values() for _, others in subs.values() for f in others)
    first = found["" if undivided else "train"]
    classes = tuple(sorted(name for name, (files, others) in first.items() if files or others))
    if not any(files for subs in found.values() for files, _ in subs.values()):
        raise DatasetError(_nothing_in(root, foreign))
    if len(classes) < 2:
        raise DatasetError(
            f"{root} has pictures of a single class ({classes[0] if classes else 'none in train'}): "
            f"a classifier needs two or more; {_REMEDY}"
        )
    for part, subs in found.items():
        if unknown := sorted(
            name for name, (files, _) in subs.items() if files and name not in classes
        ):
            raise DatasetError(
                f"{root}: {part} has classes that train has not: {', '.join(unknown)}"
            )
    parts = {
        part: [
            (classes.index(name), f)
            for name in sorted(subs)
            for f in subs[name][0]
            if name in classes
        ]
        for part, subs in found.items()
    }
    return Listing(root, classes, parts, foreign)


def _subfolders(folder: Path) -> list[Path]:
    hidden = (".", "__")  # .ipynb_checkpoints, __MACOSX
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(hidden))
    except OSError as error:
        _forbidden(error)


def _files(folder: Path, deep: bool) -> tuple[list[Path], list[Path]]:
    """(pictures, pictures of a format that can't be read), sorted; other files don't count."""
    known = {ending for ending, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    found: tuple[list[Path], list[Path]] = ([], [])
    for here, inner, names in os.walk(folder, onerror=_forbidden):
        inner[:] = [name for name in inner if deep and not name.startswith((".", "__"))]
        for name in names:
            ending = os.path.splitext(name)[1].lower()
            if not name.startswith(".") and (ending in known or ending in _FOREIGN):
                found[ending in _FOREIGN].append(Path(here, name))
    return sorted(found[0]), sorted(found[1])


def _forbidden(error: OSError) -> NoReturn:
    raise DatasetError(
        f"{error.filename} can't be looked into ({error.strerror}): change its permissions, or remove it"
    ) from None


def _nearest(root: Path) -> str:
    """Where the path stops being right: usually a slip in one part, or another working folder."""
    parent = next(folder for folder in root.parents if folder.exists())
    return f" ({parent} is there, but has no {root.relative_to(parent).parts[0]!r} in it)"


def _nothing_in(root: Path, foreign: tuple[Path, ...]) -> str:
    loose = len(_files(root, False)[0])
    if loose:
        return f"{root} has {loose:,} pictures lying loose in it: {_REMEDY}"
    if foreign:
        endings = ", ".join(sorted({path.suffix.lower() for path in foreign}))
        return f"{root} has only pictures that can't be read ({endings}): save them as JPEG or PNG"
    return f"{root} has no pictures in its subfolders: {_REMEDY}"


# ---- reading and dividing --------------------------------------------------------------------


def _read(listing: Listing, size: int, cache: bool) -> tuple[dict[str, Tensor], dict[str, str]]:
    """({pixels, labels, part} of the pictures that can be read, {file: why} of the others)."""
    place = hashlib.sha256(str(listing.root).encode()).hexdigest()[:12]
    path = cache_dir() / f"folder-{place}-{size}.safetensors"
    recipe = f"folder {size} 1 {listing.stamp()}"
    if cache and (kept := converted.read(path, recipe)):
        return kept[0], json.loads(kept[1]["skipped"])
    rows = [(index, *row) for index, rows in enumerate(listing.parts.values()) for row in rows]
    files = [file for _, _, file in rows]
    pixels, faults = pictures.read_all(files, len(files), size, f"reading {listing.root.name}")
    good = torch.tensor(
        [index for index in range(len(rows)) if index not in faults], dtype=torch.long
    )
    tensors = {
        "pixels": pixels[good] if faults else pixels,
        "labels": torch.tensor([label for _, label, _ in rows])[good],
        "part": torch.tensor([part for part, _, _ in rows])[good],
    }
    skipped = {_name(files[index], listing): why for index, why in faults.items()}
    skipped |= {
        _name(file, listing): f"{file.suffix} can't be read here" for file in listing.foreign
    }
    if cache:
        converted.write(path, recipe, tensors, {"skipped": json.dumps(skipped)})
    return tensors, skipped


def _name(file: Path, listing: Listing) -> str:
    # Names that are no valid UTF-8 could not be written into the cache file.
    return file.relative_to(listing.root).as_posix().encode(errors="replace").decode()


def _divide(
    listing: Listing, tensors: dict[str, Tensor], shares: dict[str, float], seed: int
) -> dict[str, Tensor]:
    """The picture numbers of each part; missing parts are drawn out of the training pictures."""
    given = dict(zip(listing.parts, range(len(listing.parts)), strict=True))
    chosen = {
        part or "train": torch.nonzero(tensors["part"] == number).flatten()
        for part, number in given.items()
    }
    missing = {part: share for part, share in shares.items() if part not in chosen}
    _enough(listing, tensors["labels"], chosen, 1 + len(missing))
    # Both shares are of what was there at first.
    counts = torch.bincount(tensors["labels"][chosen["train"]], minlength=len(listing.classes))
    for part, share in missing.items():
        still_needed = 1 + ("test" in missing and part == "validation")
        left = torch.bincount(tensors["labels"][chosen["train"]], minlength=len(counts))
        quota = (counts * share).round().long().clamp(min=1).minimum(left - still_needed)
        kept, held = splits.hold_out(tensors["labels"][chosen["train"]], quota, seed)
        chosen[part], chosen["train"] = chosen["train"][held], chosen["train"][kept]
    return {part: chosen[part] for part in PARTS}


def _enough(listing: Listing, labels: Tensor, chosen: dict[str, Tensor], needed: int) -> None:
    counts = torch.bincount(labels[chosen["train"]], minlength=len(listing.classes)).tolist()
    poor = [f"{n} ({k})" for n, k in zip(listing.classes, counts, strict=True) if k < needed]
    if poor:
        raise DatasetError(
            f"{listing.root}: each class needs {needed} readable training pictures or more (one for each "
            f"part that is drawn from them); too few: {_some(poor)}. Add pictures or remove the class."
        )
    if empty := [part for part, index in chosen.items() if len(index) == 0]:
        raise DatasetError(
            f"{listing.root}: {' and '.join(empty)} has no readable picture. Add some, or remove that "
            "folder: then it is drawn from train."
        )


# ---- words -----------------------------------------------------------------------------------


def _some(items: list[str]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(items[:_NAMED]) + more


def _skipped_words(skipped: dict[str, str]) -> str:
    files = [f"{name} ({why})" for name, why in skipped.items()]
    number = "1 file" if len(files) == 1 else f"{len(files)} files"
    return f"{number} could not be read and left out: {_some(files)}"


def _card(
    listing: Listing, labels: Tensor, chosen: dict[str, Tensor], skipped: dict[str, str]
) -> str:
    lines = [
        f"# Pictures of {listing.root.name}",
        "",
        f"Read from `{listing.root}`, one subfolder a class; short side scaled, centre cropped.",
        "",
        f"| class | {' | '.join(PARTS)} |",
        f"|---|{'---|' * len(PARTS)}",
    ]
    for label, name in enumerate(listing.classes):
        counts = [str(int((labels[chosen[part]] == label).sum())) for part in PARTS]
        lines.append(f"| {name} | {' | '.join(counts)} |")
    lines += ["", *(f"Left out: `{name}` ({why})." for name, why in skipped.items())]
    return "\n".join(lines).rstrip() + "\n"
