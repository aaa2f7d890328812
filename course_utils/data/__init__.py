"""Every data set of the course behind one call: `load(name)` gives a `Dataset`."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from course_utils import device as devices
from course_utils.data.dataset import Dataset, Split
from course_utils.data.errors import DatasetError, DownloadError

__all__ = ["Dataset", "DatasetError", "DownloadError", "Split", "load", "names"]

# Loaded when asked for: the world's renderer and Pillow are of no use to the other data sets.
_LOADERS = {
    "world": ("course_utils.data.world", "load_world"),
    "signs": ("course_utils.data.signs", "load_signs"),
    "faces": ("course_utils.data.faces", "load_faces"),
    "clips": ("course_utils.data.clips", "load_clips"),
    "cifar10": ("course_utils.data.cifar10", "load_cifar10"),
    "stl10": ("course_utils.data.stl10", "load_stl10"),
    "imagenette": ("course_utils.data.imagenette", "load_imagenette"),
    "imagenet_a": ("course_utils.data.imagenet_a", "load_imagenet_a"),
    "folder": ("course_utils.data.folder", "load_folder"),
}
# By the package itself: there is nothing to tell about their files.
_DRAWN = ("world", "signs", "faces", "clips")
_FOLDER = "folder:"


def names() -> list[str]:
    """What `load` knows."""
    return [name for name in _LOADERS if name != "folder"] + [_FOLDER + "PATH"]


def load(
    name: str,
    *,
    device: torch.device | str | None = None,
    size: int | None = None,
    cache: bool = True,
    **options: Any,
) -> Dataset:
    """A data set in its splits: train, validation, test (and STL-10's unlabelled part).

    "world", "signs", "faces" and "clips" are drawn on the spot and need nothing; "cifar10",
    "stl10", "imagenette" and "imagenet_a" are downloaded once; "folder:PATH" takes your own
    pictures, one subfolder a class.

    Args:
        name: one of `names()`.
        device: where the tensors go: "cuda", "cpu" …; None is the CPU.
        size: side of the square pictures in pixels; None is the data set's own.
        cache: keep what was drawn or converted, for the next time.
        options: the data set's own, such as `validation=5000`; a wrong one is answered with a list.

    Raises:
        DatasetError: (a ValueError) an unknown name or option, or data that can't be used.
        DownloadError: (an OSError) the files can't be had; the message says what to put where.
    """
    kind, path = _kind(name)
    module, function = _LOADERS[kind]
    loader = getattr(importlib.import_module(module), function)
    _check_options(name, loader, options)
    where = devices.pick("cpu" if device is None else device)
    options |= {"device": where, "cache": cache} | ({} if size is None else {"size": size})
    if path is not None:
        options["path"] = path
    dataset = loader(**options)
    if kind not in _DRAWN:
        print(_line(name, dataset), flush=True)
    return dataset


def _kind(name: str) -> tuple[str, Path | None]:
    if not isinstance(name, str):
        raise DatasetError(f"name = {name!r} must be one of: {', '.join(names())}")
    if name.startswith(_FOLDER):
        given = name.removeprefix(_FOLDER).strip()
        if not given:
            raise DatasetError(
                '"folder:" needs the path of a folder behind it, as "folder:my/pictures"'
            )
        return "folder", Path(given)
    if name in _LOADERS and name != "folder":
        return name, None
    raise DatasetError(
        f"there is no data set {name!r}{_meant(name)}; there are: {', '.join(names())}"
    )


def _meant(name: str) -> str:
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    known = [known for known in _LOADERS if known != "folder"]
    if close := difflib.get_close_matches(plain, known, n=1):
        return f" (did you mean {close[0]!r}?)"
    if name == "folder" or (name and Path(name).expanduser().is_dir()):
        return f' (did you mean "folder:{"PATH" if name == "folder" else name}"?)'
    return ""


def _check_options(name: str, loader: Callable[..., Dataset], options: dict[str, Any]) -> None:
    parameters = inspect.signature(loader).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = [p.name for p in parameters if p.name not in ("path", "size", "device", "cache")]
    for option in options:
        if option not in known:
            close = difflib.get_close_matches(option, [*known, "size", "device", "cache"], n=1)
            meant = f" (did you mean {close[0]!r}?)" if close else ""
            raise DatasetError(
                f"load({name!r}) has no option {option!r}{meant}; "
                f"it has: {', '.join(['device', 'size', 'cache', *known])}"
            )


def _line(name: str, dataset: Dataset) -> str:
    parts = [
        f"{len(split):,} {title}"
        for title, split in (
            ("train", dataset.train),
            ("validation", dataset.validation),
            ("test", dataset.test),
        )
        if len(split)  # ImageNet-A is a test set only
    ]
    if dataset.unlabelled is not None:
        gigabytes = dataset.unlabelled.pixels.numel() / 1e9
        parts.append(f"{len(dataset.unlabelled):,} unlabelled ({gigabytes:.1f} GB of memory)")
    size = dataset.size
    return (
        f"{name}: {', '.join(parts)} pictures of {size} x {size} in {dataset.num_classes} classes"
    )
