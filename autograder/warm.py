"""Warm parents: processes that have imported torch and the rest once, and fork what grades a submission.

`parents` starts them; any process of this machine then asks for a child by `ask`, at the address of
the parent that it wants: a kernel in a sandbox of its own, or a checker (see sandbox/forkserver.py
for the other end).
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.course import Limits
from autograder.results import Place
from autograder.sandbox import bubblewrap, places
from autograder.sandbox.allowance import environment, sandbox_uid

_CHECKER = "autograder.boundary.checker"
_START_SECONDS = 60  # a machine that is busy imports slowly
_END_SECONDS = 5
_SLICE = 0.2


class NoParent(OSError):
    """Nobody serves at that address, or what serves there can't make a child."""


class Child:
    """A process that a warm parent forked; it ends with this object, and with the process that holds it.

    Attributes:
        pid: of its keeper, on this machine; the child and all it starts are below that.
    """

    stdin = stdout = stderr = None  # as subprocess.Popen has them

    def __init__(self, line: socket.socket, pid: int) -> None:
        line.setblocking(False)
        self._line, self.pid = line, pid
        self._turn = threading.Lock()  # a watcher may end it while somebody else waits for it
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, a signal's number negative, or None while it lives."""
        return self._listen(0)

    def wait(self, timeout: float | None = None) -> int:
        """
        Raises:
            TimeoutError: it has not ended by then.
        """
        status = self._listen(timeout)
        if status is None:
            raise TimeoutError(f"process {self.pid} has not ended within {timeout:g} s")
        return status

    def kill(self) -> None:
        """Ends it and everything it started, and waits until that is so."""
        if self.poll() is not None:
            return
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        if self._listen(_END_SECONDS) is None:  # the keeper is stuck
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            with self._turn:
                self._end(-signal.SIGKILL)

    terminate = kill

    def send_signal(self, number: int) -> None:
        """Only what ends it means anything to a sandbox."""
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.kill()

    def close(self) -> None:
        self.kill()
        self._line.close()

    def _listen(self, timeout: float | None) -> int | None:
        give_up = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = _SLICE if give_up is None else min(_SLICE, give_up - time.monotonic())
            with self._turn:
                if self.returncode is None and (said := _next(self._line)) is not None:
                    self._end(int(said.get("status", -signal.SIGKILL)))
                elif left <= 0:
                    break
            with contextlib.suppress(OSError, ValueError):  # closed meanwhile
                ears = select.poll()
                ears.register(self._line, select.POLLIN)
                ears.poll(max(0.0, left) * 1000)
        return self.returncode

    def _end(self, status: int) -> None:
        self.returncode = status
        self._line.close()


def ask(address: str, request: dict[str, Any], fds: Sequence[int] = ()) -> Child:
    """A new child of the parent at `address`; a parent that still imports is waited for.

    Args:
        request: plain data for the child's main function, at most some 60 kB as JSON.
        fds: open files for it; the caller keeps its own copies.

    Raises:
        NoParent: there is none, or it failed.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        line.connect(address)
        socket.send_fds(line, [json.dumps(request).encode()], list(fds))
        line.settimeout(_START_SECONDS)
        pid = _pid_of_keeper(line)
    except OSError as error:
        line.close()
        raise NoParent(f"no warm parent at {address}: {error}") from error
    return Child(line, pid)


def _pid_of_keeper(line: socket.socket) -> int:
    data, ancillary, _, _ = line.recvmsg(1 << 16, socket.CMSG_SPACE(12))
    said = json.loads(data) if data else {}
    if "started" not in said:
        raise OSError(said.get("failed", "it ended"))
    for level, kind, credentials in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(struct.unpack("3i", credentials)[0])
    raise OSError("it did not say who it is")


def _next(line: socket.socket) -> dict[str, Any] | None:
    """The next thing said on a life line, {} at its end, None where nothing is said yet."""
    try:
        data = line.recv(1 << 16)
    except BlockingIOError:
        return None
    except OSError:
        return {}
    return json.loads(data) if data else {}


@contextlib.contextmanager
def parents(
    place: Place, limits: Limits, withheld: Sequence[str] = (), trusted: bool = False
) -> Iterator[Place]:
    """Starts the parents, which import while the caller goes on, and ends them at the end.

    Any process of this machine may use the addresses as long as this one lives.

    Args:
        place: this machine; what it shows and hides, the kernels see and don't.
        withheld: modules that are absent for the kernels: those of one lab.
        trusted: kernels without walls.

    Yields:
        `place` with the addresses in it; an address stays empty where there is no parent of that
        kind, and the caller does without.
    """
    with contextlib.ExitStack() as stack:
        folder = places.make_folder()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        student = checker = ""
        if trusted or why_not() is None:
            student = stack.enter_context(_student_parent(folder, place, limits, withheld, trusted))
        if importlib.util.find_spec(_CHECKER) is not None:
            checker = stack.enter_context(_checker_parent(folder))
        yield msgspec.structs.replace(place, student_parent=student, checker_parent=checker)


@functools.cache
def why_not(imports: bool = False) -> str | None:
    """None where a sandbox can be divided into more, so that kernels can be forked; else why not.

    Args:
        imports: whether to try with everything imported, which takes seconds.
    """
    if reason := bubblewrap.why_not():
        return reason
    folder = places.make_folder()
    try:
        with _student_parent(folder, Place(), Limits(), imports=imports) as address:
            walls = bubblewrap.Walls(
                places.make_folder(channels_of(address)), Limits(), uid=sandbox_uid()
            )
            bubblewrap.prepare(walls)
            with open(os.devnull, "wb") as nothing:
                request = bubblewrap.request(walls) | {"probe": True}
                status = ask(address, request, [nothing.fileno()]).wait(20)
    except (OSError, TimeoutError) as error:
        return f"each sandbox is made anew ({_last_said(folder) or error})"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None if status == 0 else f"each sandbox is made anew (a forked one ended with {status})"


def _last_said(folder: Path) -> str:
    lines = [line for said in folder.glob("said-*") for line in said.read_text().splitlines()]
    return (lines or [""])[-1][:300]


def channels_of(address: str) -> Path:
    """The folder in which the parent at `address` expects the folders of its children's sandboxes."""
    return Path(address).parent / "c"


@contextlib.contextmanager
def _student_parent(
    folder: Path,
    place: Place,
    limits: Limits,
    withheld: Sequence[str] = (),
    trusted: bool = False,
    imports: bool = True,
) -> Iterator[str]:
    walls = bubblewrap.Walls(
        folder,
        limits,
        uid=None if trusted else sandbox_uid(),
        show=[Path(path) for path in place.show],
        hide=[Path(path) for path in place.hide],
        environment=dict(place.environment),
        withheld=withheld,
        fonts=Path(place.fonts) if place.fonts else None,
    )
    bubblewrap.prepare(walls)
    (folder / "c").mkdir(mode=0o711)
    address = str(folder / "s")
    with _listening(address) as listener:
        settings = {
            "listener": listener.fileno(),
            "walls": not trusted,
            "imports": imports,
            **bubblewrap.settings(walls, trusted),
        }
        program = [*bubblewrap.inside_command(not trusted, "parent.py"), json.dumps(settings)]
        if trusted:
            home = folder / "home"
            home.mkdir()
            own = {"HOME": str(home), "TMPDIR": str(home), "MPLCONFIGDIR": str(home)}
            process = _start(program, listener, folder, environment(1, limits) | own)
        else:
            process = _start(walls.parent_command(program, folder / "c"), listener, folder, None)
    with _ended_at_last(process):
        yield address


@contextlib.contextmanager
def _checker_parent(folder: Path) -> Iterator[str]:
    address = str(folder / "x")
    with _listening(address) as listener:
        program = [sys.executable, "-m", _CHECKER, "--parent", str(listener.fileno())]
        single = {name: "1" for name in environment(1, Limits()) if name.endswith("_NUM_THREADS")}
        process = _start(program, listener, folder, {**os.environ, **single})
    with _ended_at_last(process):
        yield address


def _listening(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    os.chmod(address, 0o600)
    listener.listen(128)
    return listener


def _start(
    program: list[str], listener: socket.socket, folder: Path, variables: dict[str, str] | None
) -> subprocess.Popen[bytes]:
    """Its standard input stays open as long as this process lives: a parent ends with that."""
    with open(folder / f"said-{listener.fileno()}", "wb") as said:
        return subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=variables,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )


@contextlib.contextmanager
def _ended_at_last(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
