"""Looks at a sandbox from outside, and stops it when all of it together uses too much."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.course import Limits

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_MB = 1 << 20
# Not every kernel was built to list them.
_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


@dataclass
class Use:
    """What a process tree uses: resident bytes, processes and threads, the busiest one's CPU seconds."""

    memory: int = 0
    tasks: int = 0
    cpu: float = 0.0


class Watcher:
    """Samples the process tree below `root` every tenth of a second until stopped.

    Args:
        root: the process id of the sandbox.
        limits: what it may use.
        stop: called once, from the watcher's thread, when it uses more.
        channel: the folder that the sandbox shares with the host; more than its sockets in it is misuse.
        itself: whether `root` is the kernel, and counts too, or only the walls around it.

    Attributes:
        reason: which limit was hit, as the end of a sentence; empty while none was.
        peak_mb: the largest memory seen.
    """

    interval = 0.1

    def __init__(
        self,
        root: int,
        limits: Limits,
        stop: Callable[[], None],
        channel: Path | None = None,
        itself: bool = False,
    ) -> None:
        self._itself = itself
        self._root, self._limits, self._stop, self._channel = root, limits, stop, channel
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watcher")
        self.reason = ""
        self.peak_mb = 0.0
        self.cpu_seconds = 0.0

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _watch(self) -> None:
        while not self._done.wait(self.interval):
            # a process that ends while it is looked at must not end the looking
            with contextlib.suppress(Exception):
                self.reason = self._too_much()
            if self.reason:
                self._stop()
                return

    def _too_much(self) -> str:
        limits, pids = self._limits, tree(self._root) + [self._root] * self._itself
        use = measure(pids)
        self.cpu_seconds = max(self.cpu_seconds, use.cpu)
        if use.memory / _MB > limits.memory_mb:
            use.memory = shared_once(pids, use.memory)
        self.peak_mb = max(self.peak_mb, use.memory / _MB)
        if use.memory / _MB > limits.memory_mb:
            return f"used more than {limits.memory_mb:g} MB of memory"
        if use.tasks >= limits.processes:
            return f"started more than {limits.processes:g} processes and threads"
        if use.cpu > limits.cpu_seconds:
            return f"used more than {limits.cpu_seconds:g} s of processor time"
        if self._channel and _bytes_in(self._channel) > _MB:
            return "wrote into the folder of the kernel's own sockets"
        return ""


def tree(root: int) -> list[int]:
    """The processes below `root`, without it."""
    if not _CHILDREN:
        return [child.pid for child in psutil.Process(root).children(recursive=True)]
    found: list[int] = []
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        children: list[int] = []
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as file:
                    children += [int(child) for child in file.read().split()]
        found += children
        waiting += children
    return found


def peer(line: socket.socket) -> int:
    """The process that opened the other end of a Unix socket, as this machine counts."""
    known = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", known)[0])


def above(pid: int) -> int:
    """The process that `pid` is a child of."""
    return psutil.Process(pid).ppid()


def measure(pids: list[int]) -> Use:
    use = Use()
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # the name, in brackets, may itself hold spaces and brackets
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) < 22:
            continue
        use.memory += int(fields[21]) * _PAGE
        use.tasks += max(1, int(fields[17]))  # a zombie has no threads, but takes a place
        use.cpu = max(use.cpu, (int(fields[11]) + int(fields[12])) / _TICKS)
    return use


def shared_once(pids: list[int], at_most: int) -> int:
    """Resident bytes with the pages that forked processes share counted once."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                lines = [line for line in file if line.startswith("Pss:")]
            total += int(lines[0].split()[1]) * 1024 if lines else 0  # a zombie has none
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError:
            return at_most
    return min(total, at_most)


def _bytes_in(folder: Path) -> int:
    total = 0
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            status = entry.stat(follow_symlinks=False)
            total += status.st_size + 4096
    return total
