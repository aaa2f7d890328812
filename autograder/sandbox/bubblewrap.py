"""The walls: which command line of bubblewrap runs a program in them."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import platform
import resource
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Limits
from autograder.sandbox import seccomp

HOME = "/home/student"
_PACKAGE = Path(__file__).resolve().parent.parent
_INSIDE = "/sandbox/inside.py"
_MB = 1 << 20
_ALLOW = {
    True: "root of a container needs CAP_SYS_ADMIN for it (docker run --cap-add SYS_ADMIN, or --privileged)",
    False: "allow user namespaces to this user (on Ubuntu 24.04: "
    "sysctl kernel.apparmor_restrict_unprivileged_userns=0), or grade as root",
}
# No interpreter is worth showing all of one of these.
_TOO_MUCH = {Path(name) for name in ("/", "/home", "/root", "/etc", "/var", "/tmp", "/opt", "/srv")}
# Above every uid that a person or a service is given.
_UID_BASE = 0x2000_0000
_made = itertools.count()
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
    """

    folder: Path
    limits: Limits
    threads: int = 1
    uid: int | None = None
    show: Sequence[Path] = ()
    hide: Sequence[Path] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def channel(self) -> Path:
        return self.folder / "k"

    def command(self, program: Sequence[str], seccomp_fd: int | None = None) -> list[str]:
        """`bwrap … -- program`."""
        visible = [path for path in (*_system(), *_python(), *_course_utils(), *self.show)]
        return [
            "bwrap",
            *_namespaces(as_root=self.uid is not None),
            *_environment(environment(self.threads, self.limits) | self.environment),
            *self._empty_places(),  # first: what is shown may lie below one of them
            *_read_only(visible),
            *_small_etc(self.folder, self.uid),
            *_hidden([_PACKAGE, *self.hide], visible),
            *("--perms", "0755", "--dir", "/sandbox"),
            *("--ro-bind", str(_PACKAGE / "sandbox" / "inside.py"), _INSIDE),
            *self._meeting_place(),
            *("--remount-ro", "/"),
            *(("--seccomp", str(seccomp_fd)) if seccomp_fd is not None else ()),
            "--",
            *program,
        ]

    def _empty_places(self) -> list[str]:
        size = str(int((self.limits.file_mb + 16) * _MB))
        room = ["--size", size, "--perms", "1777", "--tmpfs"]
        return [
            *("--proc", "/proc", "--dev", "/dev", *room, "/dev/shm", "--remount-ro", "/dev"),
            *(*room, "/tmp", "--perms", "0755", "--dir", "/home", *room, HOME),
        ]

    def _meeting_place(self) -> list[str]:
        channel = str(self.channel)
        return [*_parents(self.channel), "--bind", channel, channel, "--chdir", HOME]


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
    cpu, file = int(limits.cpu_seconds), int(limits.file_mb * _MB)
    # Address space would not do: torch reserves far more of it than it uses.
    data = int((2 * limits.memory_mb + 1000) * _MB)
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


def inside_command(sandboxed: bool) -> list[str]:
    """The interpreter and the first program, as they are called within (or without) the walls."""
    script = _INSIDE if sandboxed else str(_PACKAGE / "sandbox" / "inside.py")
    return [sys.executable, "-P", "-s", "-B", script]


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


@functools.cache
def why_not() -> str | None:
    """None where the sandbox works on this machine, else a sentence: what is wrong and what to do.

    It starts one, and asks from within for the packages that a submission needs.
    """
    if sys.platform != "linux":
        return "the sandbox needs Linux: grade in a Linux virtual machine or container"
    if shutil.which("bwrap") is None:
        return f"bubblewrap is not there: {INSTALL}"
    folder = make_folder()
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


def make_folder() -> Path:
    """A new folder of the host's for one sandbox; its name is short, as socket names must be."""
    place = tempfile.gettempdir()
    if len(place) > 40:
        place = "/tmp"
    return Path(tempfile.mkdtemp(prefix=f"ag-{os.getpid()}-", dir=place))


def remove_left_folders() -> None:
    """Clears what a grader that was killed left in the temporary folder."""
    for place in {tempfile.gettempdir(), "/tmp"}:
        for folder in Path(place).glob("ag-*-*"):
            pid = folder.name.split("-")[1]
            if pid.isdigit() and not Path("/proc", pid).exists():
                shutil.rmtree(folder, ignore_errors=True)


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


def _namespaces(as_root: bool) -> list[str]:
    kinds = ["net", "pid", "ipc", "uts", "cgroup-try", *([] if as_root else ["user"])]
    flags = [f"--unshare-{kind}" for kind in kinds]
    flags += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if as_root:  # what inside.py needs to become somebody else; it gives them up at once
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            flags += ["--cap-add", capability]
    return flags


def _environment(variables: dict[str, str]) -> list[str]:
    flags = ["--clearenv"]
    for name, value in variables.items():
        flags += ["--setenv", name, value]
    return flags


def _system() -> list[Path]:
    names = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]
    names += ["/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts"]
    return [Path(name) for name in names]


@functools.cache
def _python() -> tuple[Path, ...]:
    """The interpreter, its standard library and the installed packages."""
    prefixes = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)]
    hop = Path(sys.executable)
    for _ in range(10):  # a virtual environment's python is a chain of links
        prefixes.append(hop.parent.parent)
        if not hop.is_symlink():
            break
        hop = hop.parent / os.readlink(hop)
    packages = [Path(folder) for folder in site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        packages.append(Path(site.getusersitepackages()))
    found: list[Path] = []
    for path in (Path(os.path.normpath(path)) for path in (*prefixes, *packages)):
        covered = any(path == known or known in path.parents for known in (*found, Path("/usr")))
        if path.exists() and not covered and path not in _TOO_MUCH:
            found.append(path)
    return tuple(found)


@functools.cache
def _course_utils() -> tuple[Path, ...]:
    """The course's package, found without importing it (that would import torch), and its data."""
    spec = importlib.util.find_spec("course_utils")
    if spec is None or spec.origin is None:
        return ()
    package = Path(spec.origin).resolve().parent
    data = package.parent / "data"
    checkout = (package.parent / "pyproject.toml").is_file() and data.is_dir()
    return (package, data) if checkout else (package,)


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


def _small_etc(folder: Path, uid: int | None) -> list[str]:
    flags = ["--perms", "0755", "--dir", "/etc"]
    for name in ("passwd", "group"):
        flags += ["--ro-bind", str(folder / name), f"/etc/{name}"]
    return flags


def _hidden(hide: Iterable[Path], visible: Iterable[Path]) -> list[str]:
    """An empty, unwritable folder over each of `hide` that something visible contains."""
    real = [path.resolve() for path in visible if path.is_dir()]
    flags: list[str] = []
    for path in {path.resolve() for path in hide if path.is_dir()}:
        if any(path == seen or seen in path.parents for seen in real):
            flags += ["--perms", "0000", "--size", "4096", "--tmpfs", str(path)]
            flags += ["--remount-ro", str(path)]
    return flags


def _parents(path: Path) -> list[str]:
    """bubblewrap makes missing parents for the owner alone; the sandbox's user must pass them."""
    flags: list[str] = []
    for parent in reversed(path.parents[:-1]):
        flags += ["--perms", "0755", "--dir", str(parent)]
    return flags


def _uids_here() -> tuple[int, int, int]:
    try:
        first, outside, count = Path("/proc/self/uid_map").read_text().split("\n")[0].split()
    except (OSError, ValueError):
        return 0, 0, 0
    return int(first), int(outside), int(count)


def host_rlimits_allow(limits: Limits) -> bool:
    """Whether this machine's own hard limit on open files leaves room for the course's."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= limits.open_files
