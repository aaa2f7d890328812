"""Runs a lab solved and unsolved, in a notebook and as the grader does: all the automatic points, and none."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.build.cells import BuildRefused, is_test, points, where
from autograder.build.fingerprint import fingerprint
from autograder.build.kernel import run_notebook
from autograder.course import Course
from autograder.place import cores, describe_place
from autograder.results import Job
from autograder.sandbox import choice

# How many times the grader's limit for a cell the build waits before it gives up: a busy machine is
# no reason to refuse a lab, and is told of instead.
_PATIENCE = 4
_GRADED_SECONDS = 60  # to import everything, where no warm parent has done it


def verify(
    course: Course,
    lab: str,
    instructor: NotebookNode,
    student: NotebookNode,
    report: Callable[[str], None],
    force: bool = False,
) -> None:
    """Refuses a lab whose reference solution would not get full marks, or whose stub would get any.

    What was found right is remembered in the course's folder, and not run again until the source,
    the code it uses, the limits or what is withheld change.

    Raises:
        BuildRefused: one line for each cell that did not do as it should.
    """
    settings = json.dumps([dataclasses.asdict(course.limits), course.lab(lab).withheld])
    mark = fingerprint(course, course.lab_sources / f"{lab}.py", settings)
    memory = course.root / ".build" / "verified.json"
    known = _remembered(memory)
    if known.get(lab) == mark and not force:
        return
    solved, took = _run(course, lab, "solved", instructor)
    problems = list(_wrong_when_solved(solved)) or list(_lost_when_graded(course, lab, instructor))
    if not problems:
        stub, _ = _run(course, lab, "unsolved", _as_graded(student, instructor))
        problems += _earned_by_nothing(stub)
    if problems:
        raise BuildRefused("\n".join(f"{lab}, {problem}" for problem in problems))
    total = sum(points(cell) for cell in solved.cells if is_test(cell))
    seconds = sum(time for _, time in took)
    report(
        f"{lab}: solved it earns {total:g} of {total:g} automatic points ({seconds:.0f} s), unsolved 0"
    )
    for line in _slower_than_allowed(course, took):
        report(f"{lab}: {line}")
    _remember(memory, {**known, lab: mark})


def _as_graded(student: NotebookNode, instructor: NotebookNode) -> NotebookNode:
    """The stub as a grader runs it: hidden tests back in their cells."""
    notebook = copy.deepcopy(student)
    for cell, original in zip(notebook.cells, instructor.cells, strict=True):
        if is_test(cell):
            cell.source = original.source
    return notebook


def _run(
    course: Course, lab: str, version: str, notebook: NotebookNode
) -> tuple[NotebookNode, list[tuple[NotebookNode, float]]]:
    run = copy.deepcopy(notebook)
    try:
        took = run_notebook(run, _PATIENCE * course.limits.cell_seconds, stop_at_error=False)
    except BuildRefused as error:
        raise BuildRefused(
            f"{lab}, run {version}: {error}. Mend the cell, or raise cell_seconds in course.toml"
        ) from None
    return run, took


def _slower_than_allowed(course: Course, took: list[tuple[NotebookNode, float]]) -> Iterator[str]:
    limits = course.limits
    remedy = "make it lighter, or raise the limit in course.toml"
    for cell, seconds in took:
        if seconds > limits.cell_seconds:
            yield (
                f"{where(cell)} took {seconds:.0f} s here, and while grading a cell may take "
                f"{limits.cell_seconds:g} s: {remedy}"
            )
    total = sum(seconds for _, seconds in took)
    if total > limits.notebook_seconds:
        yield f"took {total:.0f} s here, and grading allows {limits.notebook_seconds:g} s: {remedy}"


def _wrong_when_solved(solved: NotebookNode) -> Iterator[str]:
    for cell in solved.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{where(cell)} fails in the solved lab: {output.ename}: {output.evalue}"
            elif output.output_type == "stream" and output.name == "stderr":
                first = output.text.strip().splitlines()[0] if output.text.strip() else ""
                yield f"{where(cell)} writes to stderr in the solved lab, which nbgrader scores 0: {first!r}"
            elif output.output_type == "execute_result" and is_test(cell):
                yield (
                    f"{where(cell)} ends on an expression, whose value nbgrader takes for partial credit: "
                    "end it on a statement (an assert, an assignment)"
                )


def _lost_when_graded(course: Course, lab: str, instructor: NotebookNode) -> Iterator[str]:
    """The grader runs check cells away from the notebook: what they use of it has to reach them."""
    from autograder.grade import gist, grade

    text = nbformat.writes(instructor, version=4).encode("utf-8")
    patient = dataclasses.replace(
        course.limits,
        cell_seconds=_GRADED_SECONDS + _PATIENCE * course.limits.cell_seconds,
        notebook_seconds=_GRADED_SECONDS + _PATIENCE * course.limits.notebook_seconds,
    )
    trusted = choice.why_not() is not None  # it is the course's own code
    job = Job("solved", lab, text, text, patient, "", course.lab(lab).withheld, trusted)
    result = grade(job, describe_place(cores())).result
    if not any(check.ran for check in result.checks):
        yield f"could not be graded: {result.reason}"
        return
    for check in result.checks:
        if not check.manual and check.points != check.max_points:
            yield (
                f"cell {check.grade_id!r} passes in the solved notebook but fails when it is graded: "
                f"{' '.join(gist(check.diagnosis).split())} (a check is graded away from the notebook, and "
                "without what course.toml withholds: let it import and make what it needs itself)"
            )


def _earned_by_nothing(unsolved: NotebookNode) -> Iterator[str]:
    for cell in unsolved.cells:
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        if is_test(cell) and not failed:
            yield (
                f"{where(cell)} earns {points(cell):g} points with nothing written: "
                "let it call the function, and check what comes back"
            )


def _remembered(memory: Path) -> dict[str, str]:
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _remember(memory: Path, known: dict[str, str]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
