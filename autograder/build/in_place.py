"""A folder that is written again: what was written there before is replaced, all else stays.

The folder holds a list of the files that were written, with their sha256, in the form that `sha256sum -c`
reads. By it a folder is recognised, and what somebody changed in it by hand is told from what was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.course import CourseError

LIST = ".course-files"


def listing(files: Mapping[str, bytes]) -> bytes:
    """What the list of these files says, path -> content."""
    return "".join(f"{_digest(files[path])}  {path}\n" for path in sorted(files)).encode()


def written_before(folder: Path) -> dict[str, str] | None:
    """Path -> sha256 of what was written there, or None for a folder without a list.

    Raises:
        CourseError: the list holds a line that no release wrote.
    """
    if not (folder / LIST).is_file():
        return None
    written = {}
    text = (folder / LIST).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        digest, _, path = line.partition("  ")
        if len(digest) != 64 or not _stays_inside(path):
            raise CourseError(
                f"{folder / LIST}, line {number}: {line!r} is no checksum and path: "
                "bring the file back as it was, or name another folder"
            )
        written[path] = digest
    return written


def update(
    folder: Path,
    files: Mapping[str, bytes],
    before: Mapping[str, str],
    report: Callable[[str], None],
) -> None:
    """Makes the files that were written `before` into these, and touches nothing else.

    Args:
        files: path in the folder -> content.
        before: what `written_before` said of the folder; empty for a new one.
        report: is told of each file that goes, and of each that was changed there by hand and is lost.

    Raises:
        CourseError: something else stands where a file belongs; nothing was changed.
    """
    for path in files:
        _refuse_what_is_no_file(folder, path)
    for path in sorted(set(before) - set(files)):
        _remove(folder, path, before[path], report)
    for path, content in files.items():
        old = _content(folder / path)
        if old == content:
            continue
        if old is not None and _digest(old) != before.get(path):
            report(f"overwritten: {path}, which was changed or made there by hand")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    # Last: a release that was interrupted finds what it had to replace when it is run again.
    (folder / LIST).write_bytes(listing(files))


def _remove(folder: Path, path: str, digest: str, report: Callable[[str], None]) -> None:
    old = _content(folder / path)
    if old is None:
        return
    changed = ", which was changed there by hand" if _digest(old) != digest else ""
    report(f"removed: {path}{changed}")
    (folder / path).unlink()
    for parent in _parents_inside(folder, path):
        if any(parent.iterdir()):
            break
        parent.rmdir()


def _refuse_what_is_no_file(folder: Path, path: str) -> None:
    for parent in _parents_inside(folder, path):
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            raise CourseError(f"{parent} is not a folder, and {path} belongs into it: move it away")
    place = folder / path
    if place.is_symlink() or place.is_dir():
        raise CourseError(f"{place} is not a file, and one belongs there: move it away")


def _parents_inside(folder: Path, path: str) -> Iterator[Path]:
    """The folders between a file and the folder, the innermost first."""
    yield from (folder / parent for parent in PurePosixPath(path).parents[:-1])


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
