"""What a sandbox may use, in the terms of the operating system: variables, rlimits, a user id."""

from __future__ import annotations

import itertools
import os
import platform
import resource
import sys
from pathlib import Path

from autograder.course import Limits

HOME = "/home/student"
MB = 1 << 20
# Above every uid that a person or a service is given.
_UID_BASE = 0x2000_0000
_made = itertools.count()


def environment(threads: int, limits: Limits) -> dict[str, str]:
    """The only variables a submission sees."""
    count = str(max(1, threads))
    capped = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "VECLIB_MAXIMUM", "RAYON")
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "HOME": HOME,
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "MALLOC_ARENA_MAX": "2",
        "PIP_RETRIES": "0",
        "PIP_DEFAULT_TIMEOUT": "2",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "NBGRADER_EXECUTION": "autograde",
        **{f"{name}_NUM_THREADS": count for name in capped},
    }


def rlimits(limits: Limits, count_processes: bool) -> dict[str, list[int]]:
    """What the kernel itself enforces on each process; the watcher looks at their sum."""
    cpu, file = int(limits.cpu_seconds), int(limits.file_mb * MB)
    # Address space would not do: torch reserves far more of it than it uses.
    data = int((2 * limits.memory_mb + 1000) * MB)
    kinds = {
        "RLIMIT_CPU": [cpu, cpu + 5],
        "RLIMIT_FSIZE": [file, file],
        "RLIMIT_DATA": [data, data],
        "RLIMIT_NOFILE": [int(limits.open_files)] * 2,
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_MSGQUEUE": [0, 0],
    }
    if count_processes:
        kinds["RLIMIT_NPROC"] = [int(limits.processes)] * 2
    return kinds


def disk_bytes(limits: Limits) -> int:
    """The room in each of the folders that a submission may write to."""
    return int((limits.file_mb + 16) * MB)


def sandbox_uid() -> int | None:
    """A user id for one sandbox, that no other has now; None where this process is not root.

    The kernel counts processes by user: two sandboxes of one id would use up each other's limit.
    """
    if os.geteuid() != 0:
        return None
    number = os.getpid() * 64 + next(_made) % 64
    first, _, count = _uids_here()
    if first == 0 and count > _UID_BASE + (64 << 22):
        return _UID_BASE + number
    if first == 0 and count > 20_000:
        return 10_000 + number % (count - 10_000)
    return None


def counts_processes_per_sandbox(uid: int | None) -> bool:
    """Whether the kernel's own process limit would count this sandbox alone.

    It does for a uid of its own; for the caller's uid since Linux 5.14, which counts each user
    namespace by itself.
    """
    release = platform.release().split(".")
    numbers = tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in release[:2])
    return uid is not None or numbers >= (5, 14)


def host_rlimits_allow(limits: Limits) -> bool:
    """Whether this machine's own hard limit on open files leaves room for the course's."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= limits.open_files


def _uids_here() -> tuple[int, int, int]:
    try:
        first, outside, count = Path("/proc/self/uid_map").read_text().split("\n")[0].split()
    except (OSError, ValueError):
        return 0, 0, 0
    return int(first), int(outside), int(count)
