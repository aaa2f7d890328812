"""Files from the network: shown, resumed, checked, and never half there.

A file grows under the name ``NAME.part`` and takes its own name only once its length and checksum
are right, in one atomic step; so whatever carries the final name is whole. Only the standard
library and tqdm are used, as the notebooks' base promises no more.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from course_utils.data.errors import DownloadError
from course_utils.data.lock import only_one

__all__ = ["DownloadError", "fetch"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class Wanted:
    """The file as its publisher describes it; what is None is not known."""

    sha256: str | None = None
    md5: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        _check_hex("sha256", self.sha256, shortest=8, longest=64)
        _check_hex("md5", self.md5, shortest=32, longest=32)
        if self.size is not None and self.size <= 0:
            raise ValueError(
                f"size = {self.size} must be the file's number of bytes, above 0, or None"
            )

    @property
    def has_checksum(self) -> bool:
        return self.sha256 is not None or self.md5 is not None

    def fault(self, file: Path) -> str | None:
        """Why `file` is not the wanted one, as the end of "it is not the right file: …"; else None."""
        length = file.stat().st_size
        if length == 0:
            return "it is empty"
        wrong = self.size is not None and length != self.size
        if (wrong or self.has_checksum) and (found := _mismatch(file, self)):
            page = "it is a web page (a login page of the network?), " if _is_web_page(file) else ""
            return page + (f"it has {length:,} bytes instead of {self.size:,}" if wrong else found)
        return f"it has {length:,} bytes instead of {self.size:,}" if wrong else None

    def lines(self) -> list[str]:
        known = [("size", f"{self.size:,} bytes" if self.size else None)]
        known += [("sha256", self.sha256 and self.sha256 + ("" if len(self.sha256) == 64 else "…"))]
        known += [("md5", self.md5)]
        return [f"    {name:<7}{value}" for name, value in known if value]


def fetch(
    url: str,
    path: str | os.PathLike[str],
    *,
    sha256: str | None = None,
    md5: str | None = None,
    size: int | None = None,
    progress: bool = True,
    mirrors: Iterable[str] = (),
    timeout: float = 30.0,
    retries: int = 4,
    backoff: float = 1.0,
) -> Path:
    """Makes sure that the file of `url` is at `path`, whole and right, and returns that path.

    A good file that is already there is left alone and nothing is sent; one that is not what it
    should be is named, and replaced once the new one is complete. A download that was cut off
    goes on where it stopped, in this call or a later one.

    Args:
        url: http or https address.
        path: the file's full name on this machine; missing folders are made.
        sha256: hexadecimal, whole or at least its first 8 digits.
        md5: hexadecimal, 32 digits, for publishers who state no better.
        size: length in bytes.
        progress: show a progress bar.
        mirrors: further addresses of the same file, tried when `url` fails or crawls.
        timeout: seconds without a byte after which the connection is given up.
        retries: attempts in a row that may bring nothing new, per address.
        backoff: seconds before the first retry; doubled each time, at most 30.

    Raises:
        DownloadError: (an OSError) no network, no such file, never the right bytes, disk full or
            not writable. The message names the file to get, where to put it, and the way around.
        ValueError: an argument can't be meant.
    """
    sources = [url, *mirrors]
    for source in sources:
        if not source.lower().startswith(("http://", "https://")):
            raise ValueError(f"url = {source!r} must start with http:// or https://")
    wanted = Wanted(sha256 and sha256.lower(), md5 and md5.lower(), size)
    target = Path(path).expanduser().absolute()
    with _spoken(target, wanted):
        if target.is_file() and wanted.fault(target) is None:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch_locked(sources, target, wanted, progress, (timeout, retries, backoff))
    return target


def _fetch_locked(
    sources: list[str], target: Path, wanted: Wanted, progress: bool, pace: tuple[float, int, float]
) -> None:
    from course_utils.data.transfer import SourceFailed, TooSlow, Transfer

    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(target))
    waiting = f"another process is fetching {target.name}: waiting for it"
    with only_one(target.with_name(target.name + ".lock"), waiting) as locked:
        present = None
        if target.is_file():
            if (present := wanted.fault(target)) is None:
                return  # the one we waited for brought it
            print(f"{target} is not the right file: {present}. Fetching it again.", flush=True)
        # Without a lock two processes must not share a .part; the private one can't be resumed.
        part = target.with_name(target.name + (".part" if locked else f".{os.getpid()}.part"))
        failures = []
        # First each address in turn, leaving one that crawls; then those that crawl, for want of better.
        plan = [(source, len(sources) == 1) for source in sources]
        for source, patient in plan:
            transfer = Transfer(source, part, wanted, progress, *pace, patient=patient)
            try:
                transfer.run()
            except TooSlow:
                plan.append((source, True))
                continue
            except SourceFailed as failure:
                failures.append(f"{source}: {failure}")
                continue
            os.replace(part, target)
            transfer.forget()
            return
        if part.exists():
            failures.append(f"What has come so far is kept in {part.name} for the next try.")
        raise DownloadError(_by_hand(sources[0], target, wanted, failures, present))


def _by_hand(
    url: str, target: Path, wanted: Wanted, failures: list[str], present: str | None
) -> str:
    name, folder = target.name, target.parent
    there = [f"The file that is there now is not the right one: {present}."] if present else []
    return "\n".join(
        [
            f"{name} could not be downloaded.",
            *(f"    {failure}" for failure in failures),
            *there,
            "Get it on any machine with a network (a browser will do) and put it there yourself:",
            f"    from   {url}",
            f"    to     {folder / name}",
            *wanted.lines(),
            "then run this again: it is checked and used.",
            'Or go on without it: everything in the course also runs on the embedded world, load("world").',
        ]
    )


@contextlib.contextmanager
def _spoken(target: Path, wanted: Wanted) -> Iterator[None]:
    """Turns what the disk refuses into a sentence with the remedy."""
    try:
        yield
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(_disk_trouble(error, target, wanted)) from None


def _disk_trouble(error: OSError, target: Path, wanted: Wanted) -> str:
    folder = target.parent
    elsewhere = "set the environment variable COURSE_CACHE to a folder of yours and start again"
    if error.errno in _FULL:
        needed = f"{wanted.size:,} bytes" if wanted.size else "its size"
        return (
            f"no room for {target.name} ({needed}) in {folder}: {_free(folder)} bytes are free. "
            f"Make room there, or {elsewhere}."
        )
    if error.errno in _FORBIDDEN:
        return f"{folder} is not writable ({error.strerror}), so {target.name} can't be put there: {elsewhere}."
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{folder} can't be a folder, a file of that name is in the way: rename that file, or {elsewhere}."
    if isinstance(error, IsADirectoryError):
        return f"{target} is a folder, and a file of that name is wanted there: rename or remove that folder."
    return f"{target} can't be written ({error.strerror or error}): check the disk, or {elsewhere}."


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free:,}"
    except OSError:
        return "not enough"


def _check_hex(name: str, value: str | None, shortest: int, longest: int) -> None:
    if value is None:
        return
    if not shortest <= len(value) <= longest or set(value) - set(string.hexdigits):
        digits = f"{longest}" if shortest == longest else f"{shortest} to {longest}"
        raise ValueError(f"{name} = {value!r} must be {digits} hexadecimal digits")


def _mismatch(file: Path, wanted: Wanted) -> str | None:
    for name, promised in (("sha256", wanted.sha256), ("md5", wanted.md5)):
        if promised is None:
            continue
        with open(file, "rb") as stream:
            found = hashlib.file_digest(stream, partial(_digest, name)).hexdigest()
        if not found.startswith(promised):
            return f"its {name} is {found[:12]}… instead of {promised[:12]}…"
    return None


def _digest(name: str) -> Any:
    return hashlib.new(name, usedforsecurity=False)  # else some systems refuse md5 altogether


def _is_web_page(file: Path) -> bool:
    with open(file, "rb") as stream:
        start = stream.read(256).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))
