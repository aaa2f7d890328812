"""One submission in, one result out: a function of the bytes it is given, and of nothing else."""

from __future__ import annotations

import functools
import re
import time
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.build.cells import grade_id, is_manual, is_test, points
from autograder.checking import Checker, CheckerFailed, Contract, contract_of
from autograder.course import Limits
from autograder.execute import Execution, advice, execute, name_of
from autograder.flags import flags_in, own_code
from autograder.needed import dispensable
from autograder.reading import Unreadable, read_notebook
from autograder.restore import Restored, is_student_code, restore
from autograder.results import (
    GRADED,
    NEEDS_MANUAL,
    PARTIAL,
    UNREADABLE,
    Check,
    Graded,
    Job,
    Place,
    Result,
)
from autograder.sandbox.kernel import Kernel, Run, SandboxFailed

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_DIAGNOSIS_CHARACTERS = 2000
_NEVER_RAN = "this check could not be run"


def grade(job: Job, place: Place | None = None) -> Graded:
    """Reads, restores, runs and scores one submission.

    Args:
        place: the machine; default: nothing but the sandbox's own.

    Nothing that a submission holds or does makes this raise: what can't be graded is a result as
    well, with the reason in it.
    """
    began = time.monotonic()
    assignment = nbformat.reads(job.assignment.decode("utf-8"), as_version=4)
    try:
        if job.submission is None:
            raise Unreadable(job.problem or "nothing was handed in")
        submission, notes = read_notebook(job.submission)
        restored = restore(submission, assignment, job.lab)
    except Unreadable as problem:
        return Graded(unreadable(job, assignment, str(problem)))
    restored.repairs[:0] = notes
    try:
        codes = [
            cell.source if cell.cell_type == "code" else "" for cell in restored.notebook.cells
        ]
        skipped = dispensable(codes, restored.demonstrations)
        place = place or Place()
        kernel = functools.partial(_kernel, job, place)
        checker = functools.partial(_checker, job, place, contract_of(assignment))
        done = execute(restored.notebook, job.limits, kernel, checker, skipped)
    except (SandboxFailed, CheckerFailed) as problem:
        return Graded(not_run(job, assignment, str(problem)))
    result = _result(job, assignment, restored, done)
    result.seconds = time.monotonic() - began
    return Graded(result, _text_of(restored.notebook))


def unreadable(job: Job, assignment: NotebookNode, why: str) -> Result:
    checks = [_blank(cell) for cell in graded_cells(assignment)]
    return Result(job.student, job.lab, UNREADABLE, 0.0, _total(checks), why, checks)


def not_run(job: Job, assignment: NotebookNode, why: str) -> Result:
    """For a submission that could not be graded through no fault of its own."""
    checks = [_blank(cell) for cell in graded_cells(assignment)]
    return Result(job.student, job.lab, PARTIAL, 0.0, _total(checks), f"not graded: {why}", checks)


def graded_cells(assignment: NotebookNode) -> list[NotebookNode]:
    """The cells that points are given for, in order."""
    return [cell for cell in assignment.cells if is_test(cell) or is_manual(cell)]


def _kernel(job: Job, place: Place) -> Kernel:
    return Kernel(
        job.limits,
        threads=place.threads,
        trusted=job.trusted,
        show=[Path(path) for path in place.show],
        hide=[Path(path) for path in place.hide],
        environment=dict(place.environment),
        fonts=Path(place.fonts) if place.fonts else None,
        withheld=job.withheld,
        parent=place.student_parent,
    )


def _checker(job: Job, place: Place, contract: Contract, kernel: Kernel) -> Checker:
    return Checker(kernel.line, contract, place.checker_parent, job.limits.memory_mb)


def _blank(cell: NotebookNode) -> Check:
    manual = is_manual(cell)
    return Check(grade_id(cell), points(cell), None, manual, False, "" if manual else _NEVER_RAN)


def _total(checks: list[Check]) -> float:
    return sum(check.max_points for check in checks)


def _result(job: Job, assignment: NotebookNode, restored: Restored, done: Execution) -> Result:
    where = {grade_id(cell): i for i, cell in enumerate(restored.notebook.cells) if grade_id(cell)}
    broken = _broken_cells(restored.notebook, done, job.limits)
    checks, reasons = [], []
    for model in graded_cells(assignment):
        name = grade_id(model)
        check = Check(name, points(model), manual=is_manual(model))
        if check.manual:
            _score_written(check, name in restored.answered)
        else:
            _score(check, done.runs.get(where[name]), done.stopped_early, broken, job.limits)
        checks.append(check)
        run = done.runs.get(where[name])
        told_already = run is not None and bool(run.limit)
        if check.diagnosis and not check.manual and not told_already:
            reasons.append(f"{name}: {_one_line(gist(check.diagnosis))}")
    score = sum(check.points or 0.0 for check in checks)
    result = Result(job.student, job.lab, _status(checks), score, _total(checks), checks=checks)
    result.limits, result.repairs = done.limits, restored.repairs
    own = own_code(restored.notebook, assignment)
    result.flags = [*flags_in(own, job.withheld), *dict.fromkeys(done.notes)]
    result.reason = "; ".join([*map(_one_line, done.limits), *reasons])
    result.memory_mb = round(done.memory_mb, 1)
    return result


def _score_written(check: Check, answered: bool) -> None:
    """An answer left as it was released is worth nothing, as nbgrader has it; a person reads the rest."""
    check.ran = True
    check.points = None if answered else 0.0
    check.diagnosis = "" if answered else "no answer"


def _score(
    check: Check, run: Run | None, stopped_early: str, broken: list[str], limits: Limits
) -> None:
    """Fail closed: the points are there only for a cell that is known to have run to its end."""
    if run is None:
        check.points, check.diagnosis = 0.0, f"{_NEVER_RAN}: {stopped_early or 'not reached'}"
        return
    check.ran, check.seconds = run.ename != "CheckBroken", round(run.seconds, 3)
    if run.status == "ok":
        check.points = check.max_points
        return
    check.points = 0.0
    if run.status == "error":
        check.diagnosis = diagnosis(run, limits)
    else:
        check.diagnosis = (
            f"this check {run.evalue}{' and was stopped' if run.limit else ''}{advice(run.limit)}"
        )
    if broken:
        check.diagnosis += f" (also: {'; '.join(broken)})"
    check.diagnosis = check.diagnosis[:_DIAGNOSIS_CHARACTERS]


def _status(checks: list[Check]) -> str:
    if any(not check.ran for check in checks):
        return PARTIAL
    if any(check.points is None for check in checks):
        return NEEDS_MANUAL
    return GRADED


def diagnosis(run: Run, limits: Limits) -> str:
    """What a student is told of an error: the check's own words, else the error and what it means."""
    value = _ANSI.sub("", run.evalue).strip()
    if run.ename in ("CheckFailed", "CheckBroken", "AssertionError", "NoVerdict"):
        return value + _meaning(value, value, limits)
    if run.ename == "NotImplementedError" and not value:
        return "not written yet (NotImplementedError)"
    return f"{run.ename}: {value}".rstrip(": ") + _meaning(run.ename, value, limits)


def _meaning(ename: str, value: str, limits: Limits) -> str:
    """What an error of the machine's stands for, as the end of a sentence."""
    known = {
        "MemoryError": f"a submission may use {limits.memory_mb:g} MB of memory",
        "StdinNotImplementedError": "input() can't be used: nobody is there to answer while this is graded",
    }
    signs = {
        "can't allocate memory": known["MemoryError"],
        "Errno 27": f"a file may have {limits.file_mb:g} MB",
        "Errno 28": f"there is room for {limits.file_mb:g} MB of files",
        "Errno 24": f"at most {limits.open_files} files may be open",
        "can't start new thread": f"at most {limits.processes} processes and threads may run",
        "Errno 11": f"at most {limits.processes} processes and threads may run",
        "Errno 101": "there is no network while this is graded",
        "Name or service not known": "there is no network while this is graded",
        "name resolution": "there is no network while this is graded",
    }
    found = [meaning for name, meaning in known.items() if name in ename]
    found += [meaning for sign, meaning in signs.items() if sign in value]
    return f" ({found[0]})" if found else ""


def _broken_cells(notebook: NotebookNode, done: Execution, limits: Limits) -> list[str]:
    """Solution cells that failed themselves: why a check that follows finds nothing to check."""
    told = []
    for index, cell in enumerate(notebook.cells):
        run = done.runs.get(index)
        if run is not None and run.status != "ok" and is_student_code(cell):
            what = diagnosis(run, limits) if run.status == "error" else run.evalue
            told.append(f"{name_of(cell, index)} failed: {_one_line(what)[:200]}")
    return told[:3]


def gist(diagnosis: str) -> str:
    """A check's diagnosis without the promise that it begins with."""
    promise, _, rest = diagnosis.partition("\n")
    return rest.strip() if promise.startswith("✗") and rest.strip() else diagnosis


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]


def _text_of(notebook: NotebookNode) -> bytes:
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    return (nbformat.writes(notebook, version=4).rstrip("\n") + "\n").encode("utf-8")
