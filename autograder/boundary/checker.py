"""The end of the line outside the sandbox: runs check cells, the student's names being proxies.

A process of its own, so that an answer made to break it breaks one check. The grader starts it with
two sockets: one to the grader, which sends check cells and gets verdicts, one to the student.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import linecache
import os
import resource
import socket
import sys
import time
from typing import Any

from torch import Tensor

from course_utils.check import CheckBroken, CheckFailed, effects

from . import modules, raised
from .peer import Peer, RemoteFunction
from .values import Packer
from .wire import LineClosed, Malformed, Wire

PASSED, FAILED, BROKEN, GONE = "passed", "failed", "broken", "gone"
_MOST_PRINTED = 20_000
_MOST_NOTES = 10


class Gone(BaseException):
    """The student's process has ended: no check can catch this and go on."""


class CheckersPeer(Peer):
    """A peer whose every trouble is a failed check."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire, guarded=True, watched=effects.watched, fatal=(CheckFailed,))
        self.lost = ""

    def _exchange(self, message: dict[str, Any], packer: Packer, inputs: list[Tensor]) -> Any:
        if self.lost:
            raise CheckFailed(self.lost)
        try:
            return super()._exchange(message, packer, inputs)
        except LineClosed:
            raise Gone from None
        except (Malformed, RecursionError) as error:
            if raised.is_remote(error):  # the student's own code called itself without end
                raise
            self.notes.append(f"sent {error}")
            self.lost = f"what came back was no answer that can be read ({error})"
            raise CheckFailed(self.lost) from None


class Session:
    """All check cells of a submission, as long as its process lives.

    Args:
        line: the socket to the student's process.
        names: what the student writes: name -> "function" or "class".
        prelude: the instructor's own cells that check cells build on.
    """

    def __init__(self, line: socket.socket, names: dict[str, str], prelude: list[str]) -> None:
        self._line, self._names, self._prelude = line, names, prelude

    def check(self, cell: str, source: str) -> dict[str, Any]:
        """Runs one check cell, and says how it ended; never raises."""
        peer = CheckersPeer(Wire(self._line))
        names = {name: _proxy(peer, name, kind) for name, kind in self._names.items()}
        printed = io.StringIO()
        began = time.monotonic()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status, kind, message = _run(cell, source, [*self._prelude], names)
        with contextlib.suppress(LineClosed):
            peer.finish()
        return {
            "status": status,
            "kind": kind,
            "message": message,
            "printed": printed.getvalue()[:_MOST_PRINTED],
            "notes": list(dict.fromkeys(peer.notes))[:_MOST_NOTES],
            "lost": bool(peer.lost),
            "seconds": time.monotonic() - began,
        }


def _run(cell: str, source: str, prelude: list[str], names: dict[str, Any]) -> tuple[str, str, str]:
    space: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins, **names}
    try:
        for number, code in enumerate(prelude):
            _execute(f"the lab's own cell {number + 1}", code, space)
        _execute(f"check {cell}", source, {**space, **names})
    except Gone:
        return GONE, "Gone", "the process that answers has ended"
    except CheckBroken as broken:
        cause = broken.__cause__
        return BROKEN, "CheckBroken", f"{broken} ({type(cause).__name__}: {cause})"
    except AssertionError as failure:
        kind = "CheckFailed" if isinstance(failure, CheckFailed) else "AssertionError"
        return FAILED, kind, str(failure) or _failed_line(failure) or "the check failed"
    except NameError as error:
        if raised.is_remote(error):
            return FAILED, error.origin.kind, _told(error)  # type: ignore[attr-defined]
        why = f"this check uses `{error.name}`, which the checker does not have: define it in the check"
        return BROKEN, "CheckBroken", why
    except BaseException as error:
        kind = error.origin.kind if raised.is_remote(error) else type(error).__name__  # type: ignore[attr-defined]
        return FAILED, kind, _told(error)
    return PASSED, "", ""


def _told(error: BaseException) -> str:
    origin = getattr(error, "origin", None)
    if origin is None:
        return str(error)
    if not origin.frames or (origin.kind == "NotImplementedError" and not origin.message):
        return origin.message
    name, line, text = origin.frames[-1]
    return f"{origin.message} (line {line} of its cell, in {name}: {text})"


def _failed_line(failure: AssertionError) -> str:
    """The source line that a bare assertion stopped at."""
    trace = failure.__traceback__
    line = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("<check "):
            line = linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    return f"this does not hold: {line[:300]}" if line else ""


def _execute(title: str, source: str, names: dict[str, Any]) -> None:
    file = f"<{title}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)


def _proxy(peer: Peer, name: str, kind: str) -> Any:
    return _class(peer, name) if kind == "class" else RemoteFunction(peer, name, name)


def _class(peer: Peer, name: str) -> type:
    """A class of the student's: calling it makes a module there, and its shell here."""

    def make(kind: type, *arguments: Any, **options: Any) -> Any:
        made = peer.call(name, arguments, options)
        if not isinstance(made, modules.Shell):
            raise CheckFailed(
                f"{name}(…) must be an nn.Module of its own, got {type(made).__name__}"
            )
        made.__class__ = kind
        return made

    def already_made(self: Any, *arguments: Any, **options: Any) -> None:
        pass

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        why = f"a copy of a {name} would still compute at home with the first one's weights"
        raise TypeError(f"{why}: make a second {name}, then load_state_dict")

    methods = {"__new__": make, "__init__": already_made, "__deepcopy__": copied}
    return type(name, (modules.Shell,), methods)


def work(control: socket.socket, line: socket.socket) -> None:
    """Runs the cells that the grader sends until it closes the socket."""
    wire = Wire(control)
    try:
        settings, _ = wire.receive()
        _limit(settings["memory_mb"])
        session = Session(line, settings["names"], settings["prelude"])
        wire.send("ready", [])
        while True:
            request, _ = wire.receive()
            wire.send(session.check(request["cell"], request["source"]), [])
    except LineClosed:
        return


def _limit(megabytes: float) -> None:
    """What a submission answers must not take the machine down."""
    most = int(megabytes * (1 << 20))
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def child_main(request: dict[str, Any], fds: list[int]) -> None:
    """A child of the warm parent: `fds` are the sockets to the grader and to the student."""
    import torch

    torch.set_num_threads(1)
    control, line = (socket.socket(fileno=fd) for fd in fds)
    with open(os.devnull, "r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    work(control, line)


def be_parent(listener: int) -> None:
    """Imports what checks use, then forks a checker for whoever asks on the listening socket."""
    import course_utils.attacks
    import course_utils.models
    import course_utils.robustness  # noqa: F401
    from autograder.sandbox import forkserver

    forkserver.serve(forkserver.inherited(listener), child_main)


def main(arguments: list[str]) -> None:
    """`python -m autograder.boundary.checker CONTROL_FD LINE_FD`, or `--parent LISTENER_FD`."""
    if arguments[0] == "--parent":
        be_parent(int(arguments[1]))
    else:
        child_main({}, [int(number) for number in arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
