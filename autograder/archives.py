"""Zip archives from students and learning platforms, unpacked without trusting a word in them."""

from __future__ import annotations

import contextlib
import re
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.reading import MOST_BYTES

_CHUNK = 1 << 20


class BadArchive(Exception):
    """Why nothing could be taken from an archive."""


@dataclass
class Unpacked:
    """What came out: (path inside the archive, file, seconds since 1970), and what was refused and why."""

    files: list[tuple[str, Path, float]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def unpack(
    archive: Path, into: Path, most_bytes: int = 4_000_000_000, most_files: int = 50_000
) -> Unpacked:
    """Writes the archive's files below `into` under numbers for names; their paths are only reported.

    Args:
        into: a new folder.
        most_bytes: how much may come out of it, counted as it comes; what archives say of their own
            sizes is not believed.

    Raises:
        BadArchive: it is no zip archive, or a broken one.
    """
    into.mkdir(parents=True)
    done = Unpacked()
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            left = most_bytes
            for number, entry in enumerate(entries):
                name = _name(entry)
                refused = _refusal(entry, name)
                if number >= most_files:
                    refused = f"the archive holds more than {most_files} files"
                if not refused:
                    target = into / str(number)
                    written, refused = _extract(opened, entry, target, min(left, MOST_BYTES))
                    left -= written
                if refused:
                    done.refused.append((name, refused))
                else:
                    done.files.append((name, target, _modified(entry)))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise BadArchive(f"it can't be opened as a zip archive ({error})") from None
    return done


def _refusal(entry: zipfile.ZipInfo, name: str) -> str:
    parts = name.split("/")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a symbolic link"
    if ".." in parts or name.startswith("/") or re.match("[A-Za-z]:", name) or "\x00" in name:
        return "its path leads out of the archive"
    if len(name.encode("utf-8", "replace")) > 2000 or len(parts) > 40:
        return "its path is too long"
    if entry.flag_bits & 1:
        return "it is protected by a password"
    return ""


def _extract(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int
) -> tuple[int, str]:
    """Bytes written, and why it is refused after all; nothing is left of a refused file."""
    written, refused = 0, ""
    try:
        with archive.open(entry) as source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > most:
                    refused = f"it unpacks to more than {most / 1e6:.0f} MB"
                    break
                file.write(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
        OSError,
    ) as error:
        refused = f"it can't be unpacked ({error})"
    if refused:
        target.unlink(missing_ok=True)
        return min(written, most), refused
    return written, ""


def _name(entry: zipfile.ZipInfo) -> str:
    """The path in it, with accents as whoever packed it meant them."""
    name = entry.filename
    if not entry.flag_bits & 0x800:  # no encoding said: many programs write UTF-8 all the same
        with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _modified(entry: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
