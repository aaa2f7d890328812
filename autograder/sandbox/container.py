"""The same walls by Docker or Podman, where bubblewrap is not to be had.

The image is empty: everything to be seen in it is this machine's, read-only, as bubblewrap shows it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from autograder.course import Limits
from autograder.sandbox import bubblewrap, places
from autograder.sandbox.allowance import HOME, disk_bytes, sandbox_uid
from autograder.sandbox.bubblewrap import Walls

ENGINES = ("podman", "docker")
INSTALL = "install Podman (apt-get install podman) or Docker and start it"
_IMAGE = "autograder-empty"
_END_SECONDS = 5
# Podman would raise these beyond what whoever starts it may have; inside.py sets the real ones.
_ULIMITS = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
_HIGHEST = 4096


class Container:
    """A program in a container; it ends with the process that holds this object.

    Args:
        stderr: where it writes to.
    """

    stdin = stdout = stderr = None  # as subprocess.Popen has them

    def __init__(self, walls: Walls, program: Sequence[str], stderr: int) -> None:
        self._name = name_of(walls)
        # Its first process ends with its standard input, and with that everything in there.
        self._client = subprocess.Popen(
            command(walls, program),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
        self.pid = self._client.pid

    def poll(self) -> int | None:
        return self._client.poll()

    def wait(self, timeout: float | None = None) -> int:
        return self._client.wait(timeout)

    def kill(self) -> None:
        """Ends it and everything in it, and waits until that is so."""
        assert self._client.stdin is not None
        with contextlib.suppress(OSError):
            self._client.stdin.close()
        try:
            self._client.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            _run([*_engine(), "rm", "--force", self._name], timeout=60)
            self._client.kill()
            self._client.wait()

    terminate = kill

    def send_signal(self, number: int) -> None:
        """Only what ends it means anything to a container."""
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.kill()


def name_of(walls: Walls) -> str:
    return f"autograder-{walls.folder.name}"


def command(walls: Walls, program: Sequence[str]) -> list[str]:
    """`podman run … program`, for one submission."""
    uid, gid = (walls.uid, walls.uid) if walls.uid is not None else (os.getuid(), os.getgid())
    seen = places.visible(walls.show)
    return [
        *_engine(),
        *("run", "--rm", "--interactive", "--name", name_of(walls), "--pull", "never"),
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--log-driver", "none"),
        *("--security-opt", "no-new-privileges", "--security-opt", "label=disable"),
        *("--hostname", "sandbox", "--user", f"{uid}:{gid}", "--workdir", HOME),
        *_own_to_podman(walls),
        *_most(walls.limits),
        *(flag for item in walls.variables.items() for flag in ("--env", "=".join(item))),
        *_empty_places(walls.limits),
        *_shown((path, path) for path in seen if path.exists()),
        *_shown((walls.folder / name, Path("/etc", name)) for name in ("passwd", "group")),
        *_hidden(places.to_hide(walls.hide, seen)),
        *_withheld(walls, seen),
        *_shown(walls.programs()),
        *("--volume", f"{walls.channel}:{bubblewrap.CHANNEL}:rw"),
        _IMAGE,
        *program,
    ]


@functools.cache
def why_not() -> str | None:
    """None where a container works as a sandbox on this machine, else a sentence: what is wrong."""
    if sys.platform != "linux":
        return "the sandbox needs Linux: grade in a Linux virtual machine or container"
    if not _engine():
        return f"neither Podman nor Docker is there: {INSTALL}"
    name = _engine()[0].capitalize()
    folder = places.make_folder()
    try:
        _make_image()
        walls = Walls(folder, Limits(), uid=sandbox_uid())
        bubblewrap.prepare(walls)
        program = [sys.executable, "-P", "-s", "-c", "import course_utils, ipykernel"]
        done = _run(command(walls, program), timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{name} could not be started: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode == 0:
        return None
    said = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return f"{name} can't run a container here ({said})"


def engine() -> str:
    """The command that runs containers here; empty where none answers."""
    return (*_engine(), "")[0]


@functools.cache
def _engine() -> tuple[str, ...]:
    """The command of the first engine that answers; nothing where none does."""
    for name in ENGINES:
        if shutil.which(name) is not None:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                if _run([name, "info"], timeout=60).returncode == 0:
                    return (name,)
    return ()


def _make_image() -> None:
    if _run([*_engine(), "image", "inspect", _IMAGE], timeout=60).returncode == 0:
        return
    nothing = BytesIO()
    tarfile.open(fileobj=nothing, mode="w").close()
    subprocess.run(
        [*_engine(), "import", "-", _IMAGE],
        input=nothing.getvalue(),
        capture_output=True,
        timeout=120,
        check=True,
    )


def _own_to_podman(walls: Walls) -> list[str]:
    if _engine()[0] != "podman":
        return []
    # else it adds writable folders, and hands in the proxies with any password in their addresses
    flags = ["--read-only-tmpfs=false", "--http-proxy=false"]
    if os.geteuid() != 0:  # whoever grades is the one to whom the shared folder belongs
        flags += ["--userns", "keep-id"]
    return flags


def _most(limits: Limits) -> list[str]:
    memory = f"{int(2 * limits.memory_mb)}m"  # the watcher ends it before, and says why
    flags = ["--memory", memory, "--pids-limit", str(int(limits.processes) + 8)]
    for name, kind in _ULIMITS.items():
        hard = resource.getrlimit(kind)[1]
        most = _HIGHEST if hard == resource.RLIM_INFINITY else min(hard, _HIGHEST)
        flags += ["--ulimit", f"{name}={most}:{most}"]
    return flags


def _empty_places(limits: Limits) -> list[str]:
    size = disk_bytes(limits)
    flags = ["--shm-size", str(size)]
    for place in ("/tmp", HOME):
        flags += ["--tmpfs", f"{place}:rw,exec,nosuid,nodev,size={size},mode=1777{_not_copied()}"]
    return flags


def _shown(pairs: Iterable[tuple[Path, Path]]) -> list[str]:
    return [flag for source, place in pairs for flag in ("--volume", f"{source}:{place}:ro")]


def _hidden(folders: Iterable[Path]) -> list[str]:
    options = f"ro,size=4k,mode=0{_not_copied()}"
    return [flag for path in folders for flag in ("--tmpfs", f"{path}:{options}")]


def _not_copied() -> str:
    """Podman would fill an empty folder with what it covers."""
    return ",notmpcopyup" if engine() == "podman" else ""


def _withheld(walls: Walls, seen: Sequence[Path]) -> list[str]:
    stubs, caches = walls.stubs(seen)
    return [*_shown(stubs), *_hidden(caches)]


def _run(program: list[str], timeout: float) -> subprocess.CompletedProcess[Any]:
    return subprocess.run(program, capture_output=True, text=True, timeout=timeout)
