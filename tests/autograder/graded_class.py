"""A graded class of the tiny lab without running anything, for what is made of results."""

from __future__ import annotations

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import store
from autograder.build.cells import grade_id, is_test
from autograder.course import Course
from autograder.record import Recorder
from autograder.regrade import remember
from autograder.restore import restore
from autograder.results import Check, Graded, Result
from autograder.standing import Standing, standing
from tests.autograder.handed_in import data_of
from tests.autograder.tiny import LAB

POINTS = {"test_doubled": 5, "test_doubled_2": 3, "test_mean": 7}


def result_of(student: str, failed: dict[str, str] | None = None, **more) -> Result:
    """A result as the grader gives it: `failed` is grade_id -> diagnosis."""
    failed = failed or {}
    checks = [
        Check(
            name,
            points,
            0.0 if name in failed else points,
            ran=True,
            diagnosis=failed.get(name, ""),
        )
        for name, points in POINTS.items()
    ]
    checks.append(Check("written", 5, None, manual=True, ran=True))
    score = sum(check.points or 0 for check in checks)
    reason = "; ".join(f"{name}: {text}" for name, text in failed.items())
    values = {"status": "needs-manual", "score": score, "reason": reason, "checks": checks}
    values |= {"seconds": 1.0, "memory_mb": 100, "key": "k"}
    return Result(student=student, lab=LAB, max_score=20, **{**values, **more})


def hand_in(course: Course, result: Result, submission: NotebookNode | bytes) -> Graded:
    """Puts a submission into submitted/, and its result on disk, in the history and the gradebook."""
    data = submission if isinstance(submission, bytes) else data_of(submission)
    folder = course.submitted / result.student / LAB
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{LAB}.ipynb").write_bytes(data)
    (folder / "timestamp.txt").write_text("2026-12-01 10:00:00.000000 UTC\n")
    assignment = nbformat.read(course.source_notebook(LAB), as_version=4)
    notebook = None
    if not isinstance(submission, bytes):
        notebook = data_of(_as_run(restore(submission, assignment, LAB).notebook, result))
    result.handed_in = store.digest(data)
    graded = Graded(result, notebook)
    remember(course, LAB, result)
    store.save(course, LAB, graded)
    with Recorder(course, LAB, assignment) as recorder:
        recorder.record(Graded(store.load(course, LAB, result.student), notebook))
    return graded


def stands(course: Course) -> Standing:
    return standing(course, LAB)


def _as_run(notebook: NotebookNode, result: Result) -> NotebookNode:
    """With the outputs that a failed check leaves, its source lines in the traceback."""
    diagnoses = {check.grade_id: check.diagnosis for check in result.checks}
    for cell in notebook.cells:
        said = diagnoses.get(grade_id(cell), "")
        if is_test(cell) and said:
            lines = [f"\x1b[0;31m{line}\x1b[0m" for line in [*cell.source.split("\n"), said]]
            output = {"output_type": "error", "ename": "AssertionError", "evalue": said}
            cell.outputs = [nbformat.from_dict({**output, "traceback": lines})]
    return notebook
