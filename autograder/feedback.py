"""What a student gets back: one page with every check, what it found, and what people wrote."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbformat.notebooknode import NotebookNode

from autograder import store
from autograder.build.cells import grade_id, is_manual, is_solution, is_test, marked_as
from autograder.course import Course
from autograder.handed_in import BESIDE
from autograder.late import read_timestamp
from autograder.pages import page, printable, student_markdown
from autograder.promises import BROKEN, KEPT, NOT_REACHED, Told, tell
from autograder.results import UNREADABLE, Check, Result
from autograder.run_cells import run_cells
from autograder.standing import Standing
from autograder.table import number

_MARKS = {
    KEPT: ("✓", "good", "holds"),
    BROKEN: ("✗", "bad", "does not hold"),
    NOT_REACHED: ("–", "soft", "not tried"),
}


@dataclass
class Part:
    """One graded cell on the page."""

    check: Check
    told: list[dict[str, Any]]

    @property
    def points_told(self) -> str:
        return _of(self.check.points, self.check.max_points)

    @property
    def state(self) -> str:
        return _state(self.check.points, self.check.max_points)


@dataclass
class Exercise:
    """A function with its checks, or a written answer."""

    name: str
    title: str
    parts: list[Part] = field(default_factory=list)
    answer: Markup | None = None
    comments: list[str] = field(default_factory=list)

    @property
    def points_told(self) -> str:
        return _of(self._points, sum(part.check.max_points for part in self.parts))

    @property
    def state(self) -> str:
        return _state(self._points, sum(part.check.max_points for part in self.parts))

    @property
    def _points(self) -> float | None:
        given = [part.check.points for part in self.parts]
        return None if None in given else sum(points or 0.0 for points in given)


def write_feedback(stands: Standing, students: Container[str] | None = None) -> list[Path]:
    """feedback/STUDENT/LAB/LAB.html for everybody with a result: nbgrader's own place for it.

    Args:
        students: only for these.

    Returns:
        The pages, in the order of the results.
    """
    pages = []
    for result in stands.results:
        if students is not None and result.student not in students:
            continue
        path = page_of(stands.course, stands.lab, result.student)
        store.write(path, feedback_page(stands, result))
        # What release_feedback goes by; of a newer submission that still waits, the page says nothing.
        for name in () if result.student in stands.waiting else BESIDE:
            beside = stands.course.submitted / result.student / stands.lab / name
            if beside.is_file():
                store.write(path.parent / name, beside.read_bytes())
        pages.append(path)
    return pages


def page_of(course: Course, lab: str, student: str) -> Path:
    return course.feedback / student / lab / f"{lab}.html"


def feedback_page(stands: Standing, result: Result) -> bytes:
    """The page of one student."""
    course, lab = stands.course, stands.lab
    notebook = _notebook(course, lab, result)
    exercises = _exercises(stands, result, notebook) if notebook is not None else []
    told = [line for one in exercises for part in one.parts for line in part.told]
    return page(
        "feedback.html",
        course_title=course.title,
        lab_title=course.lab(lab).title,
        result=result,
        handed_in=_handed_in(course, lab, result.student),
        open_points=_open_points(result),
        trouble=_trouble(result),
        lists=[
            {"title": "Limits that were hit", "lines": result.limits},
            {"title": "Put right before it ran; this costs nothing", "lines": result.repairs},
        ],
        exercises=exercises,
        some_not_reached=any(line["said"] == _MARKS[NOT_REACHED][2] for line in told),
        cells=run_cells(notebook, stands.assignment, course.hidden_checks) if notebook else [],
    )


def _notebook(course: Course, lab: str, result: Result) -> NotebookNode | None:
    data = store.load_notebook(course, lab, result.student)
    return nbformat.reads(data.decode("utf-8"), as_version=4) if data is not None else None


def _exercises(stands: Standing, result: Result, notebook: NotebookNode) -> list[Exercise]:
    checks = {check.grade_id: check for check in result.checks}
    comments = stands.comments.get(result.student, {})
    answers = {grade_id(cell): cell.source for cell in notebook.cells if is_manual(cell)}
    exercises: list[Exercise] = []
    for cell, title in _titled(stands.assignment):
        name = grade_id(cell)
        if is_manual(cell) or is_solution(cell):
            exercises.append(Exercise(name if cell.cell_type == "code" else "", title))
        elif not (is_test(cell) and exercises):
            continue
        exercise, check = exercises[-1], checks.get(name)
        if is_manual(cell):
            exercise.answer = student_markdown(_without_marker(answers.get(name, "")))
        if check is not None:
            told = [] if check.manual else tell(check, cell, stands.course.hidden_checks)
            exercise.parts.append(Part(check, [_line(one) for one in told] or [_whole(check)]))
        if comments.get(name):
            exercise.comments.append(comments[name])
    return [one for one in exercises if one.parts]


def _titled(assignment: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """Graded and solution cells, each with the heading that it stands under."""
    title = ""
    for cell in assignment.cells:
        if grade_id(cell):
            yield cell, title
        elif cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,4} +(.+)$", cell.source, re.MULTILINE)
            title = headings[-1].strip() if headings else title


def _line(told: Told) -> dict[str, Any]:
    mark, css, said = _MARKS[told.state]
    text = told.text or "This check does not hold."
    return {
        **{"mark": mark, "css": css, "said": said, "text": text, "hidden": told.hidden},
        "diagnosis": printable(told.diagnosis),
    }


def _whole(check: Check) -> dict[str, Any]:
    """For a cell whose promises have no words of their own, and for a written answer."""
    if check.manual and check.points is None:
        waiting = _line(Told("A person still has to read this answer.", NOT_REACHED, False))
        return {**waiting, "mark": "○", "css": "open", "said": "waits"}
    if check.manual:
        full = check.points == check.max_points
        text = check.diagnosis.capitalize() or "Read and given points by a person."
        return _line(Told(text, KEPT if full or not check.diagnosis else BROKEN, False))
    state = KEPT if not check.diagnosis and check.ran else BROKEN if check.ran else NOT_REACHED
    text = "All that this part checks holds." if state == KEPT else "This part does not hold."
    return _line(Told(text, state, False, check.diagnosis))


def _without_marker(source: str) -> str:
    return source.partition("\n")[2] if marked_as(source) else source


def _open_points(result: Result) -> float:
    if _trouble(result):
        return 0.0
    return sum(c.max_points for c in result.checks if c.points is None and c.manual)


def _trouble(result: Result) -> dict[str, str] | None:
    if result.status == UNREADABLE:
        return {
            "title": "Your notebook could not be read",
            "text": f"{result.reason[:1].upper()}{result.reason[1:]}. Hand in the .ipynb file itself, or ask your teacher what to do.",
        }
    if not result.key:
        return {
            "title": "Your notebook could not be graded yet",
            "text": "This is no fault of yours: the grader could not run it. It will be graded again.",
        }
    return None


def _handed_in(course: Course, lab: str, student: str) -> str:
    path = course.submitted / student / lab / "timestamp.txt"
    stamp = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
    moment = read_timestamp(stamp)
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _of(points: float | None, most: float) -> str:
    return (
        f"open, {number(most)} at most" if points is None else f"{number(points)} of {number(most)}"
    )


def _state(points: float | None, most: float) -> str:
    if points is None:
        return "open"
    return "good" if points >= most else "bad"
