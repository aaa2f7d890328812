"""The walls: which command line of bubblewrap runs a program in them."""

from __future__ import annotations

import base64
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Limits
from autograder.sandbox import places, seccomp
from autograder.sandbox.allowance import (
    HOME,
    counts_processes_per_sandbox,
    disk_bytes,
    environment,
    rlimits,
    sandbox_uid,
)

# Within the walls: the first programs, the checks' end of the line, and what both sides see.
PROGRAMS, BOUNDARY, CHANNEL, CHANNELS = (
    f"/sandbox/{name}" for name in ("program", "boundary", "k", "channels")
)
LINE = "line"  # the socket to the checker, in the channel
_ALLOW = {
    True: "root of a container needs CAP_SYS_ADMIN for it (docker run --cap-add SYS_ADMIN, or --privileged)",
    False: "allow user namespaces to this user (on Ubuntu 24.04: "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0), or grade as root",
}
# What inside.py needs to become somebody else; and a warm parent, to make walls within walls.
_TO_BECOME = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
_TO_DIVIDE = ("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_KILL")
INSTALL = "install it (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap)"


@dataclass(frozen=True)
class Walls:
    """One sandbox.

    Args:
        folder: the host's folder for this sandbox alone; its `k` is the one place that both sides see.
        limits: what may be used in it.
        threads: how many threads the numeric libraries start.
        uid: whom the program becomes; None: it keeps the caller's (who is not root then).
        show: more files and folders to see, read-only.
        hide: folders that are not to be seen even where something visible contains them.
        withheld: modules that are absent; importing one says so.
        fonts: matplotlib's list of this machine's fonts.
    """

    folder: Path
    limits: Limits
    threads: int = 1
    uid: int | None = None
    show: Sequence[Path] = ()
    hide: Sequence[Path] = ()
    environment: dict[str, str] = field(default_factory=dict)
    withheld: Sequence[str] = ()
    fonts: Path | None = None

    @property
    def channel(self) -> Path:
        return self.folder / "k"

    @property
    def fonts_inside(self) -> str:
        return f"/sandbox/{self.fonts.name}" if self.fonts and self.fonts.is_file() else ""

    @property
    def variables(self) -> dict[str, str]:
        return environment(self.threads, self.limits) | self.environment

    def command(self, program: Sequence[str], seccomp_fd: int | None = None) -> list[str]:
        """`bwrap … -- program`, for one submission."""
        return [
            *self._around(_TO_BECOME),
            *("--bind", str(self.channel), CHANNEL, "--chdir", HOME, "--remount-ro", "/"),
            *(("--seccomp", str(seccomp_fd)) if seccomp_fd is not None else ()),
            "--",
            *program,
        ]

    def parent_command(self, program: Sequence[str], channels: Path) -> list[str]:
        """`bwrap … -- program`, for the parent of many: it divides these walls again for each.

        Args:
            channels: the host's folder that will hold the folders of those sandboxes.
        """
        return [
            *self._around((*_TO_BECOME, *_TO_DIVIDE)),
            *("--perms", "0755", "--dir", CHANNEL, "--bind", str(channels), CHANNELS),
            *("--chdir", HOME, "--remount-ro", "/", "--", *program),
        ]

    def _around(self, capabilities: Iterable[str]) -> list[str]:
        seen = places.visible(self.show)
        return [
            "bwrap",
            *_namespaces(capabilities if self.uid is not None else None),
            *_environment(self.variables),
            *self._empty_places(),  # first: what is shown may lie below one of them
            *_read_only(seen),
            *_small_etc(self.folder),
            *_hidden(places.to_hide(self.hide, seen)),
            *self._withheld(seen),
            *("--perms", "0755", "--dir", "/sandbox", "--perms", "0755", "--dir", PROGRAMS),
            *_bound(self.programs()),
        ]

    def _empty_places(self) -> list[str]:
        room = ["--size", str(disk_bytes(self.limits)), "--perms", "1777", "--tmpfs"]
        return [
            *("--proc", "/proc", "--dev", "/dev", *room, "/dev/shm", "--remount-ro", "/dev"),
            *(*room, "/tmp", "--perms", "0755", "--dir", "/home", *room, HOME),
        ]

    def _withheld(self, seen: Sequence[Path]) -> list[str]:
        stubs, caches = self.stubs(seen)
        return [*_bound(stubs), *_hidden(caches)]

    def stubs(self, seen: Sequence[Path]) -> tuple[list[tuple[Path, Path]], list[Path]]:
        """(stub, place) for each place where the code of a withheld module is to be seen; and the
        folders of bytecode to hide."""
        code, caches = places.to_withhold(self.withheld, seen)
        made = [self.folder / f"w{number}" for number in range(len(code))]
        for stub, (place, name) in zip(made, code.items(), strict=True):
            _make_stub(stub, place, name)
        return list(zip(made, code, strict=True)), caches

    def programs(self) -> list[tuple[Path, Path]]:
        """(file or folder of this package, place) for what has to be there beside the system."""
        names = ("inside.py", "forkserver.py", "parent.py")
        pairs = [(places.PACKAGE / "sandbox" / name, Path(PROGRAMS, name)) for name in names]
        pairs.append((places.PACKAGE / "boundary", Path(BOUNDARY)))
        if self.fonts and self.fonts_inside:
            pairs.append((self.fonts, Path(self.fonts_inside)))
        return pairs


def settings(walls: Walls, trusted: bool = False) -> dict[str, Any]:
    """What the first program needs to know: `inside.py`'s first argument."""
    count = not trusted and counts_processes_per_sandbox(walls.uid)
    return {
        "uid": walls.uid,
        "limits": rlimits(walls.limits, count_processes=count),
        "fonts": str(walls.fonts or "") if trusted else walls.fonts_inside,
        "line": f"{walls.channel if trusted else CHANNEL}/{LINE}",
        "boundary": str(places.PACKAGE) if trusted else str(Path(BOUNDARY).parent),
        "withheld": list(walls.withheld) if trusted else [],
    }


def request(walls: Walls, trusted: bool = False) -> dict[str, Any]:
    """What a warm parent needs to know for a child: the settings, and how to make its walls."""
    filter_of_calls = None if trusted else seccomp.program()
    known = settings(walls, trusted)
    if walls.uid is None and "RLIMIT_NPROC" in known["limits"]:
        known["limits"]["RLIMIT_NPROC"] = [int(walls.limits.processes) + 1] * 2  # its keeper
    return {
        **known,
        "folder": f"{CHANNELS}/{walls.folder.name}",
        "channel": CHANNEL,
        "room": disk_bytes(walls.limits),
        "below": [str(path) for path in places.visible(walls.show) if _lies_in_empty(path)],
        "environment": walls.variables,
        "home": walls.variables["HOME"],
        "threads": walls.threads,
        "filter": base64.b64encode(filter_of_calls).decode() if filter_of_calls else None,
    }


def _lies_in_empty(path: Path) -> bool:
    """Whether a folder that each sandbox has empty for itself would cover what is to be seen."""
    return any(Path(place) in path.parents for place in ("/tmp", "/dev/shm", HOME))


def inside_command(sandboxed: bool, program: str = "inside.py") -> list[str]:
    """The interpreter and the first program, as they are called within (or without) the walls."""
    folder = PROGRAMS if sandboxed else str(places.PACKAGE / "sandbox")
    return [sys.executable, "-P", "-s", "-B", f"{folder}/{program}"]


@functools.cache
def why_not() -> str | None:
    """None where the sandbox works on this machine, else a sentence: what is wrong and what to do.

    It starts one, and asks from within for the packages that a submission needs.
    """
    if sys.platform != "linux":
        return "the sandbox needs Linux: grade in a Linux virtual machine or container"
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not there: {INSTALL}"
    folder = places.make_folder()
    try:
        uid = sandbox_uid()
        walls = Walls(folder, Limits(), uid=uid)
        prepare(walls)
        # as the sandbox's own user, since that is who has to read the packages
        become = (
            f"import os; os.setresgid(*[{uid}] * 3); os.setresuid(*[{uid}] * 3); " if uid else ""
        )
        program = [sys.executable, "-P", "-s", "-c", become + "import course_utils, ipykernel"]
        done = subprocess.run(walls.command(program), capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap could not be started: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode == 0:
        return None
    said = (done.stderr.strip().splitlines() or ["no message"])[-1]
    if "bwrap:" in said and "execvp" not in said:
        return f"bubblewrap can't make namespaces here ({said}): {_ALLOW[os.geteuid() == 0]}"
    return f"the sandbox starts, but Python does not run in it ({said}): make {sys.prefix} readable for all"


def prepare(walls: Walls) -> None:
    """Fills the host's folder of a sandbox."""
    uid = walls.uid if walls.uid is not None else os.getuid()
    walls.folder.chmod(0o711)
    walls.channel.mkdir(mode=0o700)
    if walls.uid is not None:
        os.chown(walls.channel, uid, uid)
    (walls.folder / "passwd").write_text(f"student:x:{uid}:{uid}:student:{HOME}:/bin/sh\n")
    (walls.folder / "group").write_text(f"student:x:{uid}:\n")
    for name in ("passwd", "group"):
        (walls.folder / name).chmod(0o644)


def seccomp_file(folder: Path) -> int | None:
    """An open descriptor of the system call filter, for the caller to pass on and to close."""
    program = seccomp.program()
    if program is None:
        return None
    path = folder / "seccomp"
    path.write_bytes(program)
    return os.open(path, os.O_RDONLY)


def _namespaces(capabilities: Iterable[str] | None) -> list[str]:
    """`capabilities`: what root keeps; None for somebody else, who has them in a namespace anyway."""
    kinds = ["net", "pid", "ipc", "uts", "cgroup-try", *(["user"] if capabilities is None else [])]
    flags = [f"--unshare-{kind}" for kind in kinds]
    flags += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for capability in capabilities or ():
        flags += ["--cap-add", capability]
    return flags


def _environment(variables: dict[str, str]) -> list[str]:
    flags = ["--clearenv"]
    for name, value in variables.items():
        flags += ["--setenv", name, value]
    return flags


def _read_only(paths: Iterable[Path]) -> list[str]:
    flags: list[str] = []
    for path in paths:
        if not path.exists():
            continue
        if path.is_symlink() and len(path.parts) == 2:
            flags += ["--symlink", os.readlink(path), str(path)]
        else:
            flags += [*_parents(path), "--ro-bind", str(path), str(path)]
    return flags


def _small_etc(folder: Path) -> list[str]:
    flags = ["--perms", "0755", "--dir", "/etc"]
    for name in ("passwd", "group"):
        flags += ["--ro-bind", str(folder / name), f"/etc/{name}"]
    return flags


def _bound(pairs: Iterable[tuple[Path, Path]]) -> list[str]:
    return [flag for pair in pairs for flag in ("--ro-bind", *map(str, pair))]


def _hidden(folders: Iterable[Path]) -> list[str]:
    """An empty, unwritable folder over each of `folders`."""
    flags: list[str] = []
    for path in folders:
        flags += ["--perms", "0000", "--size", "4096", "--tmpfs", str(path)]
        flags += ["--remount-ro", str(path)]
    return flags


def _make_stub(made: Path, place: Path, name: str) -> None:
    """A file, or a package where `place` is a folder, that can't be imported and says why."""
    if place.is_dir():
        made.mkdir(mode=0o755)
        made = made / "__init__.py"
    made.write_text(places.stub(name))
    made.chmod(0o644)


def _parents(path: Path) -> list[str]:
    """bubblewrap makes missing parents for the owner alone; the sandbox's user must pass them."""
    flags: list[str] = []
    for parent in reversed(path.parents[:-1]):
        flags += ["--perms", "0755", "--dir", str(parent)]
    return flags
