"""Jupyter's own place for "where a kernel runs": here, inside the sandbox.

A kernel spec asks for it by name; any Jupyter program then starts its kernel within the walls::

    {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
     "language": "python", "display_name": "Python 3 (sandbox)", "interrupt_mode": "message",
     "metadata": {"kernel_provisioner": {"provisioner_name": "autograder-sandbox",
                                         "config": {"limits": {"memory_mb": 2000}}}}}
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Dict, Integer, List, Unicode

from autograder.course import Limits
from autograder.sandbox import bubblewrap
from autograder.sandbox.watcher import Watcher


class SandboxProvisioner(LocalProvisioner):
    """Runs ipykernel inside bubblewrap; its messages go through sockets in one private folder."""

    limits: dict[str, Any] = Dict(help="fields of autograder.course.Limits").tag(config=True)  # type: ignore[assignment]
    threads: int = Integer(1, help="threads of the numeric libraries").tag(config=True)  # type: ignore[assignment]
    show: list[str] = List(Unicode(), help="more to see, read-only").tag(config=True)  # type: ignore[assignment]
    hide: list[str] = List(Unicode(), help="folders never to see").tag(config=True)  # type: ignore[assignment]
    environment: dict[str, str] = Dict(help="more variables").tag(config=True)  # type: ignore[assignment]
    fonts: str = Unicode("", help="matplotlib's list of fonts, to spare it making one").tag(
        config=True
    )  # type: ignore[assignment]
    trusted: bool = Bool(False, help="no walls: limits only").tag(config=True)  # type: ignore[assignment]

    watcher: Watcher | None = None
    _folder: Path | None = None
    _said: deque[bytes]

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        if not self.trusted and (reason := bubblewrap.why_not()):
            raise RuntimeError(reason)
        self._forget()
        self._folder = bubblewrap.make_folder()
        self._walls = bubblewrap.Walls(
            self._folder,
            Limits(**self.limits),
            self.threads,
            None if self.trusted else bubblewrap.sandbox_uid(),
            [Path(path) for path in self.show],
            [Path(path) for path in self.hide],
            dict(self.environment),
        )
        bubblewrap.prepare(self._walls)
        manager = self.parent
        if manager is not None:  # sockets in a folder: a sandbox without network has no ports
            manager.transport = "ipc"
            manager.cache_ports = False
            manager.ip = str(self._walls.channel / "s")
            manager.connection_file = str(self._walls.channel / "connection.json")
            manager._connection_file_written = False
        kwargs = await super().pre_launch(**kwargs)
        if self._walls.uid is not None:
            os.chown(self._walls.channel / "connection.json", self._walls.uid, self._walls.uid)
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        # Whatever interpreter the kernel spec names, it is this one that the sandbox holds.
        arguments = cmd[cmd.index("-f") :] if "-f" in cmd else ["-f", str(self._connection_file())]
        arguments.append("--HistoryManager.enabled=False")
        program = [
            *bubblewrap.inside_command(sandboxed=not self.trusted),
            json.dumps(self._settings()),
            *arguments,
        ]
        self.process = self._start(program)
        self.pid = self.process.pid
        self.pgid = os.getpgid(self.process.pid)
        self._listen(self.process)
        channel = None if self.trusted else self._walls.channel
        self.watcher = Watcher(self.pid, self._walls.limits, self._stop, channel, self.trusted)
        self.watcher.start()
        return self.connection_info

    def _connection_file(self) -> Path:
        return self._walls.channel / "connection.json"

    def _settings(self) -> dict[str, Any]:
        walls = self._walls
        count = not self.trusted and bubblewrap.counts_processes_per_sandbox(walls.uid)
        return {
            "uid": walls.uid,
            "limits": bubblewrap.rlimits(walls.limits, count_processes=count),
            "fonts": self._fonts(),
        }

    def _fonts(self) -> str | None:
        if not self.fonts or not Path(self.fonts).is_file():
            return None
        copy = self._walls.channel / Path(self.fonts).name
        shutil.copy(self.fonts, copy)
        copy.chmod(0o644)
        return str(copy)

    def _start(self, program: list[str]) -> subprocess.Popen[bytes]:
        pipes: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
        }
        walls = self._walls
        if self.trusted:
            home = walls.folder / "home"
            home.mkdir()
            own = {"HOME": str(home), "IPYTHONDIR": str(home / ".ipython"), "TMPDIR": str(home)}
            own["MPLCONFIGDIR"] = str(home / "matplotlib")
            scrubbed = bubblewrap.environment(walls.threads, walls.limits) | walls.environment | own
            return subprocess.Popen(program, cwd=home, env=scrubbed, **pipes)
        filter_fd = bubblewrap.seccomp_file(walls.folder)
        try:
            passed = () if filter_fd is None else (filter_fd,)
            return subprocess.Popen(walls.command(program, filter_fd), pass_fds=passed, **pipes)
        finally:
            if filter_fd is not None:
                os.close(filter_fd)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Keeps the end of what the sandbox says on stderr: why it did not start, how it crashed."""
        self._said = deque(maxlen=20)
        said, stream = self._said, process.stderr
        assert stream is not None

        def listen() -> None:
            with contextlib.suppress(ValueError, OSError):
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
