"""Runs cells one by one in a sandboxed kernel, and says how each of them ended.

nbclient would run them too, but it keeps every byte that a cell prints, and can only interrupt a
cell that does not end; here outputs have a size and a kernel that does not listen is killed.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_core.utils import run_sync

from autograder.course import Limits
from autograder.sandbox.outputs import Outputs, unpack
from autograder.sandbox.provisioner import START_SECONDS, SandboxProvisioner, kernel_spec
from autograder.sandbox.told import death, limit_of_error

_GRACE_SECONDS = 3  # from the interrupt to the kill
_QUIET_SECONDS = 2  # from the reply to the end of what the cell still prints
_MOST_WAITING = 32  # messages
# Sending never waits for an honest kernel. Where a submission wrote garbage on its own sockets, ZeroMQ
# drops the connection for good, and would wait for another one for ever.
_SEND_MILLISECONDS = 1000
_ERROR_CHARACTERS = 20_000


class SandboxFailed(Exception):
    """The sandbox or the kernel in it could not be had: no fault of the submission."""


@dataclass
class Run:
    """How one cell ended.

    Attributes:
        status: "ok", "error" (it raised), "stopped" (a limit ended it; the kernel lives) or
            "dead" (the kernel is gone).
        limit: the limit that was hit, as the end of a sentence; empty when none was.
    """

    status: str
    ename: str = ""
    evalue: str = ""
    traceback: list[str] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    execution_count: int | None = None
    seconds: float = 0.0
    limit: str = ""
    output_cut: bool = False


class _OneSpec(KernelSpecManager):
    """Knows one kernel, the sandboxed one, whatever this machine has installed."""

    def __init__(self, spec: dict[str, Any]) -> None:
        super().__init__()
        self._one = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**self._one)


class _Manager(KernelManager):
    """Asks the kernel to stop before it is killed, and takes no answer for one."""

    async def _async_interrupt_kernel(self) -> None:
        with contextlib.suppress(zmq.Again):
            await super()._async_interrupt_kernel()

    interrupt_kernel = run_sync(_async_interrupt_kernel)


class Kernel:
    """A kernel in the sandbox; use it as a context manager.

    Args:
        trusted: no walls, as for the instructor's own notebook; the limits hold all the same.
        show, hide: more folders to see, and folders never to see.
        withheld: modules that are absent; importing one says so.
        parent: address of a warm parent to fork it from (see `autograder.warm`), made for the same
            `show`, `hide`, `withheld` and `trusted`; default: none, and it starts by itself.

    Attributes:
        line: the socket whose other end the kernel's `boundary.student` holds.
        peak_mb: the most memory that everything in it used at once, once it has ended.

    Raises:
        SandboxFailed: on entering, where it can't be started.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        threads: int = 1,
        trusted: bool = False,
        show: Sequence[Path] = (),
        hide: Sequence[Path] = (),
        environment: dict[str, str] | None = None,
        fonts: Path | None = None,
        withheld: Sequence[str] = (),
        parent: str = "",
    ) -> None:
        self.limits = limits
        self._spec = kernel_spec(
            limits,
            threads=threads,
            trusted=trusted,
            show=[str(path) for path in show],
            hide=[str(path) for path in hide],
            environment=environment or {},
            fonts=str(fonts or ""),
            withheld=list(withheld),
            warm=parent,
        )
        self.peak_mb = 0.0
        self._turn: _Turn | None = None

    line: socket.socket

    def __enter__(self) -> Kernel:
        self._manager = _Manager(
            kernel_name="autograder-sandbox", kernel_spec_manager=_OneSpec(self._spec)
        )
        self._bound(self._manager.context)
        try:
            self._manager.start_kernel()
            assert self._provisioner.line is not None
            self.line = self._provisioner.line
            self._wait_for_sockets()
            self._client: BlockingKernelClient = self._manager.client()
            self._client.session.unpack = unpack
            self._bound(self._client.context)  # one of its own
            self._client.start_channels(hb=False, stdin=False)
            self._wait_until_ready()
            self._provisioner.close_channel()
        except Exception as error:
            said = self._provisioner.said if self._manager.provisioner else ""
            self.__exit__()
            raise SandboxFailed(
                f"the sandbox did not start: {error}; {said[-500:]}".rstrip("; ")
            ) from error
        self._poller = zmq.Poller()
        for channel in (self._client.iopub_channel, self._client.shell_channel):
            self._poller.register(channel.socket, zmq.POLLIN)
        return self

    def __exit__(self, *_: object) -> None:
        watcher = self._provisioner.watcher if self._manager.provisioner else None
        if watcher is not None:
            self.peak_mb = max(self.peak_mb, watcher.peak_mb)
        if hasattr(self, "_client"):
            self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._manager.context.destroy(linger=0)

    def _bound(self, context: zmq.Context) -> None:
        """The sockets made from here on: what a submission sends must not fill the grader's memory."""
        # An honest message is smaller than the kernel's own memory, several times over.
        context.setsockopt(zmq.MAXMSGSIZE, int(self.limits.memory_mb * 1_000_000))
        context.setsockopt(zmq.RCVHWM, _MOST_WAITING)
        context.setsockopt(zmq.SNDTIMEO, _SEND_MILLISECONDS)

    def _wait_for_sockets(self) -> None:
        """Whoever connects to a socket before it is there tries again only a tenth of a second later."""
        give_up = time.monotonic() + START_SECONDS
        last = Path(f"{self._manager.ip}-{self._manager.hb_port}")
        while not last.exists():
            if not self.alive or time.monotonic() > give_up:
                raise TimeoutError("its kernel does not listen")
            time.sleep(0.005)

    def _wait_until_ready(self) -> None:
        """Until both sockets have carried something; jupyter_client would then listen on for silence."""
        give_up = time.monotonic() + START_SECONDS
        shell, iopub = self._client.shell_channel, self._client.iopub_channel
        heard_on: set[Any] = set()
        while heard_on != {shell, iopub}:
            asked = self._client.kernel_info()
            try:
                while _parent(shell.get_msg(timeout=1)) != asked:
                    pass
                heard_on = {shell}
                while _parent(message := iopub.get_msg(timeout=0.2)) != asked or not _idle(message):
                    pass
                heard_on.add(iopub)
            except Empty:  # whoever subscribes too late has missed it: once more
                if not self.alive or time.monotonic() > give_up:
                    raise TimeoutError("its kernel does not answer") from None

    @property
    def _provisioner(self) -> SandboxProvisioner:
        provisioner = self._manager.provisioner
        assert isinstance(provisioner, SandboxProvisioner)
        return provisioner

    @property
    def alive(self) -> bool:
        process = self._provisioner.process
        return process is not None and process.poll() is None

    def run(self, code: str, seconds: float) -> Run:
        """Runs one cell for at most `seconds` (and a few more to stop it)."""
        began = time.monotonic()
        turn = self._turn = _Turn(self, code, began + seconds)
        run = turn.play()
        self._turn = None
        run.seconds = time.monotonic() - began
        run.outputs, run.output_cut = turn.outputs.finished(), turn.outputs.cut
        overran = f"ran longer than {seconds:.3g} s" if turn.interrupted else ""
        if run.status == "dead":
            watcher = self._provisioner.watcher
            run.limit = (watcher.reason if watcher else "") or self._cpu_limit() or overran
            run.evalue = run.limit or death(self._exit_signal())
        elif run.status == "stopped":
            run.limit = run.evalue = overran
        elif run.status == "error":
            run.limit = limit_of_error(run.ename, run.evalue, self.limits)
        return run

    def hurry(self) -> None:
        """What the present cell was run for is done: it has a moment to end by itself."""
        if self._turn is not None:
            self._turn.hurry()

    def _exit_signal(self) -> int:
        code = self._provisioner.process.poll() if self._provisioner.process else 0
        code = code or 0
        return -code if code < 0 else code - 128 if code > 128 else 0

    def _cpu_limit(self) -> str:
        watcher, limit = self._provisioner.watcher, self.limits.cpu_seconds
        used_up = watcher is not None and watcher.cpu_seconds >= limit - 1
        if self._exit_signal() == 24 or (self._exit_signal() == 9 and used_up):
            return f"used more than {limit:g} s of processor time"
        return ""


class _Turn:
    """One cell's run: listens to the kernel until it is done, stopped or dead."""

    def __init__(self, kernel: Kernel, code: str, deadline: float) -> None:
        self._kernel, self._deadline = kernel, deadline
        self._client, self._poller = kernel._client, kernel._poller
        self.outputs = Outputs(kernel.limits.output_mb)
        self._reply: dict[str, Any] | None = None
        self._idle = False
        self.interrupted = False
        try:
            self._id = self._client.execute(code, allow_stdin=False, stop_on_error=False)
        except zmq.Again:  # nobody can be asked anything any more
            self._id = ""
            kernel._provisioner._stop()

    def play(self) -> Run:
        while not (self._reply is not None and self._idle):
            heard = self._listen()
            now = time.monotonic()
            if not heard and not self._kernel.alive and not self._listen():
                return Run("dead")
            if now > self._deadline:
                if self._reply is not None:
                    break
                if self.interrupted:
                    self._kernel._provisioner._stop()
                    return Run("dead")
                self._interrupt(now)
        assert self._reply is not None
        return self._run_of(self._reply)

    def hurry(self) -> None:
        self._deadline = min(self._deadline, time.monotonic() + _QUIET_SECONDS)

    def _interrupt(self, now: float) -> None:
        self.interrupted, self._deadline = True, now + _GRACE_SECONDS
        self._kernel._manager.interrupt_kernel()

    def _listen(self) -> bool:
        ready = dict(self._poller.poll(100))
        for channel, take in (
            (self._client.iopub_channel, self._take_output),
            (self._client.shell_channel, self._take_reply),
        ):
            if channel.socket in ready:
                for _ in range(200):  # then the deadline gets its turn
                    message = _receive(channel)
                    if message is None:
                        break
                    take(message)
        return bool(ready)

    def _take_reply(self, message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_reply" and _parent(message) == self._id:
            self._reply = message["content"]
            self._deadline = min(self._deadline, time.monotonic() + _QUIET_SECONDS)

    def _take_output(self, message: dict[str, Any]) -> None:
        if _parent(message) != self._id:
            return
        content = message["content"]
        if message["msg_type"] == "status":
            self._idle = self._idle or _idle(message)
        else:
            self.outputs.take(message["msg_type"], content)

    def _run_of(self, reply: dict[str, Any]) -> Run:
        count = reply.get("execution_count")
        run = Run("ok", execution_count=count if isinstance(count, int) else None)
        if self.interrupted:
            run.status = "stopped"
        elif reply.get("status") != "ok" or self.outputs.error is not None:
            told = self.outputs.error or reply
            run.status = "error"
            run.ename = str(told.get("ename", "") or "not run")[:200]
            run.evalue = str(told.get("evalue", ""))[:_ERROR_CHARACTERS]
            lines = told.get("traceback")
            run.traceback = [str(line) for line in lines] if isinstance(lines, list) else []
        return run


def _receive(channel: Any) -> dict[str, Any] | None:
    """The next message that can be read; None when there is none."""
    try:
        message = channel.get_msg(timeout=0)
    except Empty:
        return None
    except Exception:  # whatever a submission sent on the kernel's sockets is no message
        return {"msg_type": "", "parent_header": {}, "content": {}}
    if not isinstance(message.get("content"), dict) or not isinstance(message.get("msg_type"), str):
        return {"msg_type": "", "parent_header": {}, "content": {}}
    return message


def _parent(message: dict[str, Any]) -> str:
    parent = message.get("parent_header")
    return str(parent.get("msg_id", "")) if isinstance(parent, dict) else ""


def _idle(message: dict[str, Any]) -> bool:
    return message["content"].get("execution_state") == "idle"
