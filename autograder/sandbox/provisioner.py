"""Jupyter's own place for "where a kernel runs": here, inside the sandbox.

A kernel spec asks for it by name; any Jupyter program then starts its kernel within the walls::

    {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
     "language": "python", "display_name": "Python 3 (sandbox)", "interrupt_mode": "message",
     "metadata": {"kernel_provisioner": {"provisioner_name": "autograder-sandbox",
                                         "config": {"limits": {"memory_mb": 2000}}}}}
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Dict, Integer, List, Unicode

from autograder.course import Limits
from autograder.sandbox import bubblewrap, choice, places
from autograder.sandbox.allowance import sandbox_uid
from autograder.sandbox.container import Container
from autograder.sandbox.watcher import Watcher, above, peer
from autograder.warm import Child, NoParent, ask, channels_of

START_SECONDS = 60


class SandboxProvisioner(LocalProvisioner):
    """Runs ipykernel inside the walls; its messages go through sockets in one private folder."""

    limits: dict[str, Any] = Dict(help="fields of autograder.course.Limits").tag(config=True)  # type: ignore[assignment]
    threads: int = Integer(1, help="threads of the numeric libraries").tag(config=True)  # type: ignore[assignment]
    show: list[str] = List(Unicode(), help="more to see, read-only").tag(config=True)  # type: ignore[assignment]
    hide: list[str] = List(Unicode(), help="folders never to see").tag(config=True)  # type: ignore[assignment]
    environment: dict[str, str] = Dict(help="more variables").tag(config=True)  # type: ignore[assignment]
    fonts: str = Unicode("", help="matplotlib's list of fonts, to spare it making one").tag(
        config=True
    )  # type: ignore[assignment]
    withheld: list[str] = List(Unicode(), help="modules that are absent").tag(config=True)  # type: ignore[assignment]
    warm: str = Unicode("", help="address of a warm parent (autograder.warm)").tag(config=True)  # type: ignore[assignment]
    trusted: bool = Bool(False, help="no walls: limits only").tag(config=True)  # type: ignore[assignment]

    process: subprocess.Popen[bytes] | Child | Container | None  # type: ignore[assignment]
    line: socket.socket | None = None
    watcher: Watcher | None = None
    _folder: Path | None = None
    _said: deque[bytes]

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        self._said = deque(maxlen=20)
        if not self.trusted and (reason := choice.why_not()):
            raise RuntimeError(reason)
        self._forget()
        self._make_folder()
        manager = self.parent
        if manager is not None:  # sockets in a folder: a sandbox without network has no ports
            manager.transport = "ipc"
            manager.cache_ports = False
            manager.ip = str(self._walls.channel / "s")
            manager.connection_file = str(self._walls.folder / "connection.json")
            manager._connection_file_written = False
        kwargs = await super().pre_launch(**kwargs)
        self._write_connection_file()
        return kwargs

    def _make_folder(self) -> None:
        channels = channels_of(self.warm) if self.warm else None
        if channels and not channels.is_dir():
            self.warm, channels = "", None  # whoever made the parent has ended
        self._folder = places.make_folder(channels)
        variables = dict(self.environment)
        if self.trusted:
            home = self._folder / "home"
            home.mkdir()
            own = {"HOME": home, "IPYTHONDIR": home / ".ipython", "TMPDIR": home}
            own["MPLCONFIGDIR"] = home / "matplotlib"
            variables |= {name: str(path) for name, path in own.items()}
        self._walls = bubblewrap.Walls(
            self._folder,
            Limits(**self.limits),
            self.threads,
            None if self.trusted else sandbox_uid(),
            [Path(path) for path in self.show],
            [Path(path) for path in self.hide],
            variables,
            self.withheld,
            Path(self.fonts) if self.fonts else None,
        )
        bubblewrap.prepare(self._walls)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = self._walls.channel / bubblewrap.LINE
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._give(path)

    def _write_connection_file(self) -> None:
        """The sandbox's own, since a path is another one in there."""
        channel = self._walls.channel if self.trusted else Path(bubblewrap.CHANNEL)
        told = json.loads((self._walls.folder / "connection.json").read_text())
        told["ip"] = str(channel / "s")
        path = self._walls.channel / "connection.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(told))
        self._give(path)
        self._arguments = ["-f", str(channel / "connection.json")]
        self._arguments.append("--HistoryManager.enabled=False")

    def _give(self, path: Path) -> None:
        if self._walls.uid is not None:
            os.chown(path, self._walls.uid, self._walls.uid)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        # Whatever program the kernel spec names, it is this one that the sandbox holds.
        reading, writing = os.pipe()
        try:
            self.process = self._fork(writing) or self._contain(writing) or self._start(writing)
        finally:
            os.close(writing)
            self._listen(reading)
        self.pid = self.process.pid
        self.pgid = os.getpgid(self.pid) if isinstance(self.process, subprocess.Popen) else None
        self.line = await asyncio.to_thread(self._accept_line)
        self._watch()
        return self.connection_info

    def _fork(self, stderr: int) -> Child | None:
        """A child of the warm parent; None where there is none, or no more."""
        if not self.warm:
            return None
        request = bubblewrap.request(self._walls, self.trusted)
        try:
            return ask(self.warm, {**request, "arguments": self._arguments}, [stderr])
        except NoParent:
            return None

    def _contain(self, stderr: int) -> Container | None:
        if self.trusted or choice.kind() != choice.CONTAINER:
            return None
        known = bubblewrap.settings(self._walls) | {"uid": None}  # it begins as that user
        known["limits"].pop("RLIMIT_NPROC", None)  # the engine counts
        program = [*bubblewrap.inside_command(True), json.dumps(known), *self._arguments]
        return Container(self._walls, program, stderr)

    def _start(self, stderr: int) -> subprocess.Popen[bytes]:
        walls = self._walls
        program = [
            *bubblewrap.inside_command(sandboxed=not self.trusted),
            json.dumps(bubblewrap.settings(walls, self.trusted)),
            *self._arguments,
        ]
        pipes: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": stderr,
            "start_new_session": True,
        }
        if self.trusted:
            home = walls.variables["HOME"]
            return subprocess.Popen(program, cwd=home, env=walls.variables, **pipes)
        filter_fd = bubblewrap.seccomp_file(walls.folder)
        try:
            passed = () if filter_fd is None else (filter_fd,)
            return subprocess.Popen(walls.command(program, filter_fd), pass_fds=passed, **pipes)
        finally:
            if filter_fd is not None:
                os.close(filter_fd)

    def _accept_line(self) -> socket.socket:
        """The line that the kernel opens as it starts; nobody else can open another.

        Raises:
            TimeoutError: it did not in time, or ended.
        """
        assert self.process is not None
        give_up = time.monotonic() + START_SECONDS
        self._listener.settimeout(0.05)
        with self._listener:
            while True:
                try:
                    line, _ = self._listener.accept()
                except TimeoutError:
                    if self.process.poll() is not None or time.monotonic() > give_up:
                        raise TimeoutError("its first program did not start") from None
                    continue
                (self._walls.channel / bubblewrap.LINE).unlink(missing_ok=True)
                line.settimeout(None)
                return line

    def _watch(self) -> None:
        """From before the first cell on."""
        assert self.process is not None
        assert self.line is not None
        root, itself = self.process.pid, False
        if isinstance(self.process, Container):  # which the engine started, and not this process
            root = above(peer(self.line))
        elif isinstance(self.process, subprocess.Popen):
            itself = self.trusted  # without walls it is the kernel
        channel = None if self.trusted else self._walls.channel
        self.watcher = Watcher(root, self._walls.limits, self._stop, channel, itself)
        self.watcher.start()

    def _listen(self, reading: int) -> None:
        """Keeps the end of what the sandbox says on stderr: why it did not start, how it crashed."""
        said = self._said

        def listen() -> None:
            with contextlib.suppress(OSError), open(reading, "rb") as stream:
                while line := stream.readline(2000):
                    said.append(line)

        threading.Thread(target=listen, daemon=True, name="sandbox-stderr").start()

    @property
    def said(self) -> str:
        """The last lines that the kernel's process wrote to stderr."""
        return b"".join(self._said).decode("utf-8", "replace").strip()

    def close_channel(self) -> None:
        """Once the kernel listens: nothing more can be made in the folder that both sides see."""
        if not self.trusted and self._walls.uid is not None:
            os.chown(self._walls.channel, 0, 0)
            self._walls.channel.chmod(0o711)

    def _stop(self) -> None:
        if self.process is not None:
            if isinstance(self.process, subprocess.Popen):
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                self.process.kill()

    async def send_signal(self, signum: int) -> None:
        """A signal to bubblewrap means nothing to the kernel within; only the last one is passed on."""
        if signum == signal.SIGINT and not self.trusted:
            return
        await super().send_signal(signum)

    async def cleanup(self, restart: bool = False) -> None:
        self._stop()
        await super().cleanup(restart)
        self._forget()

    def _forget(self) -> None:
        if self.watcher is not None:
            self.watcher.close()
        if self._folder is not None:
            self._listener.close()
            if self.line is not None:
                self.line.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def kernel_spec(limits: Limits, **config: Any) -> dict[str, Any]:
    """The content of a kernel.json whose kernels run in the sandbox.

    Args:
        config: other traits of `SandboxProvisioner`.
    """
    return {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (sandbox)",
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {
            "kernel_provisioner": {
                "provisioner_name": "autograder-sandbox",
                "config": {"limits": dataclasses.asdict(limits), **config},
            }
        },
    }
