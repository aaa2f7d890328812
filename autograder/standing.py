"""How a lab stands: every stored result with what people and the calendar added to it."""

from __future__ import annotations

from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import store
from autograder.collect import read_submission, submitted_students
from autograder.course import Course, CourseError
from autograder.record import Recorder
from autograder.results import Result


@dataclass(frozen=True)
class Standing:
    """A graded lab.

    Attributes:
        assignment: the instructor's notebook, hidden checks in it.
        results: one a student, in alphabetical order, with manual scores and after penalties.
        comments: student -> grade_id -> what a person wrote in the formgrader.
        waiting: students whose submission is newer than their result, or who have none yet.
    """

    course: Course
    lab: str
    assignment: NotebookNode
    results: list[Result]
    comments: dict[str, dict[str, str]]
    waiting: list[str]


def standing(course: Course, lab: str) -> Standing:
    """Reads how a lab stands; grades nothing.

    Raises:
        CourseError: no such lab, nothing of it is graded, or the gradebook can't be read.
    """
    course.lab(lab)
    students = store.students(course, lab)
    if not students:
        raise CourseError(f"nothing of {lab} is graded yet: run `autograder grade {lab}` first")
    source = course.source_notebook(lab)  # as it was graded, even if its source has moved on
    if not source.is_file():
        raise CourseError(f"{source} is gone: run `autograder grade {lab}`, which builds it anew")
    assignment = nbformat.read(source, as_version=4)
    results, comments = [], {}
    with Recorder(course, lab, assignment) as recorder:
        for student in students:
            result = store.load(course, lab, student)
            if result is not None:
                results.append(recorder.as_it_stands(result))
                comments[student] = recorder.comments(student)
    return Standing(course, lab, assignment, results, comments, _waiting(course, lab, results))


def _waiting(course: Course, lab: str, results: list[Result]) -> list[str]:
    graded = {result.student: result.handed_in for result in results}
    return [
        student
        for student in submitted_students(course, lab)
        if graded.get(student) != store.digest(read_submission(course, lab, student)[0])
    ]
