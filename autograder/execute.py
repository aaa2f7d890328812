"""Runs a restored submission from top to bottom, and goes on whatever a cell does to its kernel."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict

from autograder.build.cells import grade_id, is_test
from autograder.checking import SERVE, Checker, Verdict
from autograder.course import Limits
from autograder.sandbox.kernel import Kernel, Run

_MOST_RESTARTS = 30
_LAST_WORD_SECONDS = 2  # that the checker has once the kernel has ended serving
_NOT_RUN = "Not run while grading: nothing that is graded depends on this cell."
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass
class Execution:
    """What came of running a notebook.

    Attributes:
        runs: cell index -> how it ended; a cell that was not reached is absent.
        limits: a sentence for every limit that was hit.
        notes: what the checker noticed, a sentence each.
        stopped_early: why the cells that are absent from `runs` were not reached; empty when all ran.
    """

    runs: dict[int, Run] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped_early: str = ""
    memory_mb: float = 0.0
    seconds: float = 0.0


def execute(
    notebook: NotebookNode,
    limits: Limits,
    new_kernel: Callable[[], Kernel],
    new_checker: Callable[[Kernel], Checker],
    skipped: Collection[int] = (),
) -> Execution:
    """Runs the code cells in order, but those in `skipped`, writing outputs into `notebook`.

    A cell that kills the kernel, or has to be killed with it, is run again only for its
    definitions: the kernel is started anew, the student's cells up to there are run again, and the
    rest goes on. Check cells are never run twice.

    Check cells run in the checker; meanwhile the kernel answers for the student's functions.

    Raises:
        SandboxFailed, CheckerFailed: no kernel or no checker could be started.
    """
    return _Runner(notebook, limits, new_kernel, new_checker, skipped).play()


class _Runner:
    def __init__(
        self,
        notebook: NotebookNode,
        limits: Limits,
        new_kernel: Callable[[], Kernel],
        new_checker: Callable[[Kernel], Checker],
        skipped: Collection[int],
    ) -> None:
        self._cells = notebook.cells
        self._skipped = skipped
        self._limits, self._new_kernel, self._new_checker = limits, new_kernel, new_checker
        self._done = Execution()
        self._spent: set[int] = set()  # cells that must not run in full again
        self._restarts = 0
        self._next = 0

    def play(self) -> Execution:
        began = time.monotonic()
        self._deadline = began + self._limits.notebook_seconds
        while self._next < len(self._cells) and not self._done.stopped_early:
            with self._new_kernel() as kernel, self._new_checker(kernel) as checker:
                if self._replay(kernel):
                    self._go_on(kernel, checker)
            self._done.memory_mb = max(self._done.memory_mb, kernel.peak_mb)
        self._done.seconds = time.monotonic() - began
        return self._done

    def _replay(self, kernel: Kernel) -> bool:
        """Brings a new kernel to where the last one was; False where that killed it too."""
        for index in range(self._next):
            cell = self._cells[index]
            if not _is_code(cell) or is_test(cell) or index in self._skipped:
                continue
            code = definitions(cell.source) if index in self._spent else cell.source
            seconds = self._seconds_left()
            if not seconds:
                return False
            run = kernel.run(code, seconds)
            if run.status in ("dead", "stopped"):
                self._spent.add(index)
            if run.status == "dead":
                return self._count_restart()
        return True

    def _go_on(self, kernel: Kernel, checker: Checker) -> None:
        while self._next < len(self._cells):
            index, cell = self._next, self._cells[self._next]
            self._next += 1
            if not _is_code(cell):
                continue
            if index in self._skipped:
                cell.outputs = [_note(_NOT_RUN)]
                continue
            seconds = self._seconds_left()
            if not seconds:
                self._next = index
                return
            if not kernel.alive:  # its last cell ended it after answering
                self._spent.update(list(self._done.runs)[-1:])
                self._next = index
                self._count_restart()
                return
            if is_test(cell):
                run, usable = self._check(kernel, checker, cell, seconds)
            else:
                run = kernel.run(cell.source, seconds)
                usable = run.status != "dead"
            self._take(index, cell, run)
            if not usable:
                self._count_restart()
                return

    def _check(
        self, kernel: Kernel, checker: Checker, cell: NotebookNode, seconds: float
    ) -> tuple[Run, bool]:
        """How a check cell ended, and whether kernel and checker can go on together."""
        name = grade_id(cell)
        checker.begin(name, cell.source, then=kernel.hurry)
        served = kernel.run(SERVE, seconds)
        verdict = checker.verdict(_LAST_WORD_SECONDS)
        if verdict is None or verdict.status == "gone":
            return _no_verdict(served), False
        self._done.notes += [f"check `{name}`: the submission {note}" for note in verdict.notes]
        return _judged(served, verdict), served.status == "ok" and not verdict.lost

    def _take(self, index: int, cell: NotebookNode, run: Run) -> None:
        self._done.runs[index] = run
        cell.outputs = [from_dict(output) for output in run.outputs]
        cell.execution_count = run.execution_count
        if run.status in ("dead", "stopped"):
            self._spent.add(index)
            cell.outputs.append(_note(f"This cell {run.evalue}."))
        if run.limit:
            self._done.limits.append(
                f"{name_of(cell, index)} {run.limit} and was stopped{advice(run.limit)}"
            )
        if run.output_cut:
            limit = f"{self._limits.output_mb:g} MB"
            self._done.limits.append(
                f"{name_of(cell, index)} showed more than {limit}; the rest was cut"
            )

    def _seconds_left(self) -> float:
        """For the next cell; 0, with the reason noted, once the notebook's time is over."""
        left = self._deadline - time.monotonic()
        if left > 0:
            return min(self._limits.cell_seconds, left)
        seconds = f"{self._limits.notebook_seconds:g} s"
        self._done.stopped_early = f"the notebook ran longer than {seconds} and was stopped"
        self._done.limits.append(self._done.stopped_early)
        return 0.0

    def _count_restart(self) -> bool:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            self._done.stopped_early = f"its cells ended the kernel {self._restarts} times"
        return False


def _judged(served: Run, verdict: Verdict) -> Run:
    """The run of a check cell: the checker's word, and what the student's functions showed."""
    run = Run("ok" if verdict.status == "passed" else "error", seconds=verdict.seconds)
    run.outputs = [output for output in served.outputs if output["output_type"] != "error"]
    run.execution_count, run.output_cut = served.execution_count, served.output_cut
    if verdict.printed:
        run.outputs.append({"output_type": "stream", "name": "stdout", "text": verdict.printed})
    if run.status == "error":
        run.ename, run.evalue = verdict.kind, verdict.message
        run.outputs.append(_error(verdict.kind, verdict.message))
    return run


def _no_verdict(served: Run) -> Run:
    """Nothing is earned by a check that the checker does not vouch for."""
    if served.status in ("stopped", "dead"):
        return served
    why = f" ({served.ename}: {served.evalue})" if served.status == "error" else ""
    served.status, served.ename = "error", "NoVerdict"
    served.evalue = f"the code stopped answering before the check had come to its end{why}"
    served.outputs = [o for o in served.outputs if o["output_type"] != "error"]
    served.outputs.append(_error(served.ename, served.evalue))
    return served


def _error(kind: str, message: str) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": kind,
        "evalue": message,
        "traceback": message.split("\n"),
    }


def definitions(code: str) -> str:
    """What a cell defines, without what it does: functions, classes, imports and plain constants."""
    lines = [line for line in code.split("\n") if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    kept = [node for node in tree.body if isinstance(node, _DEFINITIONS) or _is_constant(node)]
    try:
        return "\n".join(ast.unparse(node) for node in kept)
    except RecursionError:
        return ""


def _is_constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    allowed = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)
    simple = all(isinstance(part, allowed) for part in ast.walk(node.value))
    # 9**9**9 is no constant that anybody waits for
    return simple and not any(isinstance(part, ast.Pow) for part in ast.walk(node.value))


def name_of(cell: NotebookNode, index: int) -> str:
    """How a sentence names a cell."""
    if grade_id(cell):
        return f"cell `{grade_id(cell)}`"
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"cell {index + 1} (`{first[:40]}`)"


def advice(limit: str) -> str:
    """What to look for after a limit was hit, as the end of the sentence."""
    if "longer than" in limit:
        return ": look for a loop that never ends"
    if "memory" in limit:
        return ": look for a list or tensor that keeps growing"
    if "processes" in limit:
        return ": look for processes or threads that are started without end"
    if "processor" in limit:
        return ": look for a loop that never ends"
    return ""


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _note(text: str) -> NotebookNode:
    return from_dict({"output_type": "stream", "name": "stdout", "text": text + "\n"})
