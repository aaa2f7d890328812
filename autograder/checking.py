"""The checker as the grader sees it: a trusted process that runs check cells and gives verdicts."""

from __future__ import annotations

import ast
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder import warm
from autograder.boundary.wire import LineClosed, Malformed, Wire
from autograder.build.cells import grade_id, is_manual, is_solution, is_test, nbgrader
from autograder.needed import names_used

# What the student's kernel runs while the checker runs a check cell.
SERVE = "__import__('boundary.student', fromlist=['serve']).serve()"
_START_SECONDS = 120
_ROOM_MB = 3000  # what torch reserves, beside what a submission may make it hold


class CheckerFailed(Exception):
    """The checker could not be started: no fault of the submission."""


@dataclass(frozen=True)
class Contract:
    """What the check cells of a lab build on.

    Attributes:
        names: what the student writes: name -> "function" or "class".
        prelude: code of the instructor's that the checker runs before each check cell: locked cells
            without points, and the imports of other cells that a check cell uses.
    """

    names: dict[str, str]
    prelude: list[str]


def contract_of(assignment: NotebookNode) -> Contract:
    """Read off the instructor's notebook, never off a submission."""
    names, prelude = {}, []
    used = names_used([cell.source for cell in assignment.cells if is_test(cell)])
    for cell in assignment.cells:
        if cell.cell_type != "code" or is_test(cell):
            continue
        if is_solution(cell) and not is_manual(cell):
            names[grade_id(cell)] = _kind(cell.source, grade_id(cell))
        elif nbgrader(cell).get("locked"):
            prelude.append(cell.source)
        elif imports := "\n".join(_imports(cell.source, used)):
            prelude.append(imports)
    return Contract(names, prelude)


def _kind(source: str, name: str) -> str:
    body = ast.parse(source).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    return "class" if name in classes else "function"


def _imports(source: str, used: set[str]) -> Iterator[str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic: such a cell shows something
        return
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            if bound & used:
                yield ast.unparse(node)


@dataclass(frozen=True)
class Verdict:
    """How a check cell ended.

    Attributes:
        status: "passed", "failed", "broken" (the check itself is at fault) or "gone" (nobody answered).
        kind: the class of the error that ended it.
        message: the diagnosis.
        printed: what the check said.
        notes: what came over the line that honest work does not send.
        lost: whether the student's process and the checker no longer understand each other.
    """

    status: str
    kind: str = ""
    message: str = ""
    printed: str = ""
    notes: tuple[str, ...] = ()
    lost: bool = False
    seconds: float = 0.0


class Checker:
    """A checker for one student's process; use it as a context manager.

    Args:
        line: the socket to that process; it stays the caller's.
        parent: the address of the warm parent; empty: a new interpreter is started.
        memory_mb: what the submission may use; its answers can be as large.

    Raises:
        CheckerFailed: it does not start.
    """

    def __init__(
        self, line: socket.socket, contract: Contract, parent: str, memory_mb: float
    ) -> None:
        self._line, self._contract, self._parent = line, contract, parent
        self._memory_mb = memory_mb + _ROOM_MB

    def __enter__(self) -> Checker:
        self._control, theirs = socket.socketpair()
        with theirs:
            fds = [theirs.fileno(), self._line.fileno()]
            try:
                self._process = self._start(fds)
                self._wire = Wire(self._control)
                contract = self._contract
                self._send(
                    names=contract.names, prelude=contract.prelude, memory_mb=self._memory_mb
                )
                self._control.settimeout(_START_SECONDS)
                self._wire.receive()  # its imports are no part of anybody's time limit
                self._control.settimeout(None)
            except (OSError, LineClosed, Malformed) as error:
                self._control.close()
                raise CheckerFailed(f"the checker did not start ({error})") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired, TimeoutError):
            self._process.wait(timeout=5)
        self._control.close()

    def begin(self, cell: str, source: str, then: Callable[[], None]) -> None:
        """Has a check cell run; the student's process has to be serving meanwhile.

        Args:
            then: called, from another thread, as soon as there is a verdict.
        """
        self._verdict: Verdict | None = None
        self._listening = threading.Thread(target=self._listen, args=(then,), daemon=True)
        with contextlib.suppress(LineClosed):  # then there is no verdict either
            self._send(cell=cell, source=source)
        self._listening.start()

    def verdict(self, seconds: float) -> Verdict | None:
        """How the cell ended; None where there is no word of it in time, or the checker is gone."""
        self._listening.join(seconds)
        return self._verdict

    def _listen(self, then: Callable[[], None]) -> None:
        with contextlib.suppress(LineClosed, Malformed):
            said, _ = self._wire.receive()
            said["notes"] = tuple(said["notes"])
            self._verdict = Verdict(**said)
            then()

    def _start(self, fds: list[int]) -> Any:
        if self._parent:
            return warm.ask(self._parent, {}, fds)
        command = [sys.executable, "-P", "-m", "autograder.boundary.checker", *map(str, fds)]
        return subprocess.Popen(command, pass_fds=fds, stdin=subprocess.DEVNULL)

    def _send(self, **message: Any) -> None:
        self._wire.send(message, [])
