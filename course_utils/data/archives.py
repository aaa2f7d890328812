"""Reading out of an archive without unpacking it: no file is written, so no path in it matters."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from course_utils.data.errors import DatasetError


def members(archive: Path, pattern: str) -> Iterator[tuple[re.Match[str], int, IO[bytes]]]:
    """The plain files whose whole name matches `pattern`, in the archive's order.

    Yields:
        (match, length in bytes, stream of the content; to be read before the next one is asked for).

    Raises:
        DatasetError: the archive is damaged.
    """
    with _readable(archive), tarfile.open(archive, "r|*") as tar:
        for member in tar:
            match = re.fullmatch(pattern, member.name.removeprefix("./"))
            if match is None or not member.isreg():
                continue
            stream = tar.extractfile(member)
            if stream is not None:
                yield match, member.size, stream


def exactly(stream: IO[bytes], length: int, archive: Path) -> bytearray:
    """`length` bytes; bytearray, as torch wants memory that it may write to."""
    content = bytearray(length)
    with _readable(archive):
        got = 0
        while got < length and (count := stream.readinto(memoryview(content)[got:])):  # type: ignore[attr-defined]
            got += count
        if got < length:
            raise EOFError(f"{length - got:,} bytes are missing")
    return content


def broken(archive: Path, why: str) -> DatasetError:
    return DatasetError(
        f"{archive} can't be read ({why}): delete it and load again to fetch it anew"
    )


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise broken(archive, str(error)) from None
