"""Which scores changed from one grading to the next: the history of a lab's results."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from autograder import store
from autograder.course import Course
from autograder.results import Result


class Grading(msgspec.Struct, frozen=True):
    """One line of the history: what the grader gave a submission, before people and penalties.

    Attributes:
        when: UTC, ISO 8601.
        key: a hash of all that the result depends on; `handed_in` of the submission alone.
        points: grade_id -> points of what the grader decides; None where it could not.
    """

    student: str
    when: str
    key: str
    handed_in: str
    status: str
    score: float
    points: dict[str, float | None]


@dataclass(frozen=True)
class Change:
    """Two gradings of a student, one after the other, that gave other points.

    Attributes:
        checks: (grade_id, points before, points after) of what changed; None where it was not there.
    """

    before: Grading
    after: Grading
    checks: list[tuple[str, float | None, float | None]]

    @property
    def why(self) -> str:
        if self.before.handed_in != self.after.handed_in:
            return "another notebook was handed in"
        if self.before.key != self.after.key:
            return "the lab or the grader changed"
        return "the same work was graded again and came out otherwise: look at both"


def remember(course: Course, lab: str, result: Result) -> None:
    """Adds a result to the lab's history; whenever this process is killed, no earlier line is lost."""
    line = Grading(
        result.student,
        datetime.now(UTC).isoformat(timespec="seconds"),
        result.key,
        result.handed_in,
        result.status,
        result.score,
        {check.grade_id: check.points for check in result.checks if not check.manual},
    )
    store.append(_history(course, lab), msgspec.json.encode(line))


def changes(course: Course, lab: str) -> list[Change]:
    """Every change of automatic points since the lab was first graded, the newest first."""
    gradings: dict[str, list[Grading]] = defaultdict(list)
    for one in _read(_history(course, lab)):
        gradings[one.student].append(one)
    found = [
        change
        for student in gradings.values()
        for before, after in pairwise(student)
        if (change := _change(before, after)).checks
    ]
    return sorted(found, key=lambda change: (change.after.when, change.after.student), reverse=True)


def _change(before: Grading, after: Grading) -> Change:
    names = dict.fromkeys([*before.points, *after.points])
    pairs = [(name, before.points.get(name), after.points.get(name)) for name in names]
    return Change(before, after, [pair for pair in pairs if (pair[1] or 0) != (pair[2] or 0)])


def _read(path: Path) -> list[Grading]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Grading))
        except msgspec.DecodeError:  # half a line of a killed grader
            continue
    return found


def _history(course: Course, lab: str) -> Path:
    return course.root / "results" / lab / "history.jsonl"
