"""Gradescope: one results.json a student, as its autograder platform reads it.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from autograder import store
from autograder.build.cells import grade_id
from autograder.pages import printable
from autograder.promises import tell
from autograder.results import Check, Result
from autograder.standing import Standing


def write(stands: Standing, path: Path) -> None:
    """STUDENT/results.json for everybody, in a folder or, where `path` ends in .zip, an archive.

    Raises:
        CourseError: it can't be written.
    """
    texts = {f"{r.student}/results.json": results_json(stands, r) for r in stands.results}
    if path.suffix == ".zip":
        store.write(path.absolute(), _archive(texts))
        return
    for name, text in texts.items():
        store.write(path.absolute() / name, text)


def results_json(stands: Standing, result: Result) -> bytes:
    """One student's results; of hidden checks it says what the student's page says."""
    about = [result.late, *result.limits, *result.repairs]
    if not result.key or not any(check.ran for check in result.checks):
        about.insert(0, result.reason)
    content = {
        "score": result.score,
        "execution_time": round(result.seconds, 1),
        "output": printable("\n".join(filter(None, about))),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(stands, check) for check in result.checks],
        "extra_data": {"student": result.student, "lab": result.lab, "status": result.status},
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1)


def _test(stands: Standing, check: Check) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": check.grade_id,
        "max_score": check.max_points,
        "output": printable(_output(stands, check)),
        "output_format": "text",
        "visibility": "visible",
    }
    if check.points is not None:
        passed = check.points >= check.max_points
        test |= {"score": check.points, "status": "passed" if passed else "failed"}
    return test


def _output(stands: Standing, check: Check) -> str:
    if check.manual:
        return check.diagnosis or ("" if check.points is not None else "a person reads this answer")
    cell = next((c for c in stands.assignment.cells if grade_id(c) == check.grade_id), None)
    if cell is None:
        return check.diagnosis
    told = tell(check, cell, stands.course.hidden_checks)
    return "\n".join(f"{one.text} {one.diagnosis}".strip() for one in told if one.diagnosis)


def _archive(texts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return data.getvalue()
