"""Finds every file in what is handed over: folders, zip archives, archives within archives."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from autograder.archives import BadArchive, unpack
from autograder.course import CourseError

PROBLEM = "problem.txt"
_SKIPPED = {
    *("__MACOSX", ".ipynb_checkpoints", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"),
    PROBLEM,
}
_NESTED_ARCHIVES = 2


@dataclass(frozen=True)
class Found:
    """A file that was handed over, or a place where one should have been.

    Attributes:
        parts: its path as people see it, the archives on the way counted as folders.
        path: where its bytes are now; None where it can't be taken (`problem` says why).
        when: when it was handed in, where a platform says so; see `late.read_timestamp`.
    """

    parts: tuple[str, ...]
    path: Path | None
    modified: float = 0.0
    problem: str = ""
    when: str = ""

    @property
    def shown(self) -> str:
        return "/".join(self.parts)

    @property
    def is_notebook(self) -> bool:
        return self.parts[-1].lower().endswith(".ipynb")

    @property
    def stem(self) -> str:
        return self.parts[-1][: -len(".ipynb")] if self.is_notebook else Path(self.parts[-1]).stem


@dataclass
class Gathering:
    """Everything below the paths that were given."""

    staging: Path
    files: list[Found] = field(default_factory=list)
    folders: set[tuple[str, ...]] = field(default_factory=set)
    archives: int = 0


def gather(path: Path, staging: Path) -> Gathering:
    """Everything below a folder, in an archive, or the one file that `path` is.

    Args:
        staging: an empty folder, for what comes out of archives.

    Raises:
        CourseError: there is nothing at `path`.
    """
    if not path.exists():
        raise CourseError(f"{path} does not exist: give a folder, a zip archive or a notebook")
    gathering = Gathering(staging)
    if path.is_dir():
        entries = [entry for entry in sorted(path.iterdir()) if not _is_skipped(entry.name)]
        if len(entries) == 1 and _is_archive(entries[0]):
            path = entries[0]
        else:
            _walk(path, (), gathering)
            return gathering
    if _is_archive(path):
        _open_archive(path, (), gathering, depth=0)
    else:
        gathering.files.append(_found(path, (path.name,)))
    return gathering


def _walk(folder: Path, parts: tuple[str, ...], gathering: Gathering) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        gathering.files.append(Found(parts, None, problem=f"can't be read ({error.strerror})"))
        return
    for entry in entries:
        name = entry.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        here = (*parts, name)
        if _is_skipped(name):
            continue
        if entry.is_symlink() and parts:  # the outermost folder is the instructor's own
            gathering.files.append(Found(here, None, problem="it is a symbolic link"))
        elif entry.is_dir():
            gathering.folders.add(here)
            _walk(Path(entry.path), here, gathering)
        elif not entry.is_file():
            gathering.files.append(Found(here, None, problem="it is neither a file nor a folder"))
        elif _is_archive(Path(entry.path)):
            _open_archive(Path(entry.path), (*parts, Path(name).stem), gathering, depth=1)
        else:
            gathering.files.append(_found(Path(entry.path), here))


def _open_archive(archive: Path, parts: tuple[str, ...], gathering: Gathering, depth: int) -> None:
    """The files of an archive as if it were the folder `parts`."""
    if parts:
        gathering.folders.add(parts)
    gathering.archives += 1
    try:
        unpacked = unpack(archive, gathering.staging / str(gathering.archives))
    except BadArchive as error:
        shown = (*parts, archive.name) if parts else (archive.name,)
        gathering.files.append(Found(shown, archive, problem=str(error)))
        return
    for name, why in unpacked.refused:
        gathering.files.append(Found((*parts, *_inner(name)), None, problem=why))
    for name, path, modified in unpacked.files:
        here = (*parts, *_inner(name))
        if any(_is_skipped(part) for part in here):
            continue
        if here[-1].lower().endswith(".zip") and depth < _NESTED_ARCHIVES:
            _open_archive(path, (*here[:-1], Path(here[-1]).stem), gathering, depth + 1)
        else:
            gathering.files.append(Found(here, path, modified))


def _inner(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in ("", ".", "..")] or ["?"]
    return parts[-1:] if name.startswith("/") else parts


def _found(path: Path, parts: tuple[str, ...]) -> Found:
    try:
        return Found(parts, path, path.stat().st_mtime)
    except OSError as error:
        return Found(parts, None, problem=f"can't be read ({error.strerror})")


def _is_skipped(name: str) -> bool:
    return name in _SKIPPED or name.startswith("._") or name.startswith(".collecting-")


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()
