"""One process at a time: a lock on a file, which the system frees when its holder dies."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_BUSY = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


@contextlib.contextmanager
def only_one(path: Path, waiting: str, poll: float = 0.1) -> Iterator[bool]:
    """Holds the lock file `path` while the block runs; waits for whoever holds it now.

    Args:
        path: the lock file; made when it isn't there, removed afterwards.
        waiting: the sentence printed once if there is somebody to wait for.
        poll: seconds between two looks.

    Yields:
        False when this file system knows no locks: then the block runs unguarded.
    """
    descriptor = _acquire(path, waiting, poll)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _release(path, descriptor)


def _acquire(path: Path, waiting: str, poll: float) -> int | None:
    told = False
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _try_lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if error.errno not in _BUSY:
                return None
            if not told:
                print(waiting, flush=True)
                told = True
            time.sleep(poll)
            continue
        if _still_named(path, descriptor):
            return descriptor
        os.close(descriptor)  # its last holder removed it between our open and our lock


def _try_lock(descriptor: int) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]


def _still_named(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _release(path: Path, descriptor: int) -> None:
    with contextlib.suppress(
        OSError
    ):  # Windows does not remove an open file; a leftover is harmless
        os.unlink(path)
    os.close(descriptor)
