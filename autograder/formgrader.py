"""nbgrader's own ways to grade and to give feedback, the formgrader's buttons and the commands, made to go ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.converters.autograde import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.converters.generate_feedback import GenerateFeedback

from autograder.classroom import grade_class
from autograder.collect import submitted_students
from autograder.course import Course, CourseError, load_course
from autograder.feedback import write_feedback
from autograder.results import Result
from autograder.standing import standing
from autograder.table import number

_homes: dict[Path, Path] = {}


def grade_our_way(root: str, home: str) -> None:
    """Called by a course's nbgrader_config.py, as often as nbgrader reads it.

    nbgrader has no setting for the classes that grade and write feedback, and several of its modules
    hold them by name: so it is the classes' own `start` that changes, for this course and no other.

    Args:
        root: nbgrader's course folder.
        home: the folder of course.toml.
    """
    _homes[Path(root).resolve()] = Path(home)
    for converter, act in ((Autograde, _autograde), (GenerateFeedback, _write_feedback)):
        if "start" not in vars(converter):  # both inherit it
            converter.start = _instead_of(converter.start, act)


def _instead_of(
    stock: Callable[[Any], None], act: Callable[[Any, Course], None]
) -> Callable[[Any], None]:
    def start(converter: Any) -> None:
        root = Path(converter.coursedir.root).resolve()
        if root not in _homes:
            stock(converter)
            return
        try:
            act(converter, dataclasses.replace(load_course(_homes[root]), root=root))
        except CourseError as error:
            converter.log.error(str(error))
            raise NbGraderException(str(error)) from None

    return start


def _autograde(converter: Any, course: Course) -> None:
    lab, log = converter.coursedir.assignment_id, converter.log
    course.lab(lab)
    students = _chosen(converter.coursedir, submitted_students(course, lab))
    log.info("grading %s of %s in the sandbox", lab, ", ".join(students))
    results = grade_class(
        course,
        lab,
        students,
        force=converter.force,
        on_result=lambda result, stored: _tell(log, result, stored),
        report=log.info,
    )
    failed = [result.student for result in results if not result.key]
    if failed:
        raise CourseError(f"not graded, for the reasons above: {', '.join(failed)}")


def _feedback(converter: Any, course: Course) -> None:
    stands = standing(course, converter.coursedir.assignment_id)
    chosen = _chosen(converter.coursedir, [result.student for result in stands.results])
    for path in write_feedback(stands, chosen):
        converter.log.info("written: %s", path)


def _write_feedback(converter: Any, course: Course) -> None:
    stands = standing(course, converter.coursedir.assignment_id)
    students = _chosen(converter.coursedir, [result.student for result in stands.results])
    for page in write_feedback(stands, students):
        converter.log.info("written: %s", page)
    for sentence in stands.waiting:
        converter.log.warning(sentence)


def _chosen(coursedir: Any, students: list[str]) -> list[str]:
    """Those of them that nbgrader was asked for: one, or a pattern, without the excluded ones."""
    asked = coursedir.student_id
    without = [name for name in coursedir.student_id_exclude.split(",") if name]
    chosen = [asked] if asked in students else [s for s in students if fnmatchcase(s, asked)]
    chosen = [student for student in chosen if student not in without]
    if not chosen:
        raise CourseError(
            f"{coursedir.assignment_id}: nothing of {asked!r}; there is something of: {', '.join(students) or 'nobody'}"
        )
    return chosen


def _tell(log: Any, result: Result, stored: bool) -> None:
    score = f"{number(result.score)} of {number(result.max_score)} points"
    since = ", unchanged since it was graded last" if stored else ""
    log.info("%s: %s, %s%s", result.student, score, result.status, since)
    for sentence in (result.reason, *result.repairs, *result.flags):
        if sentence:
            log.warning("%s: %s", result.student, sentence)
