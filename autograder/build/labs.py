"""One lab, from its source to the student's notebook and the nbgrader course."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.build.files import BuildResult, put
from autograder.build.leaks import check_leaks
from autograder.build.register import is_registered, register, release_notebook, write_config
from autograder.build.rules import check_contract
from autograder.build.source import instructor_notebook
from autograder.build.student import student_notebook, text_of
from autograder.build.verify import verify
from autograder.course import Course


@dataclass(frozen=True)
class LabNotebooks:
    """Both versions of a lab: `instructor` with solutions and hidden tests, `student` without."""

    instructor: NotebookNode
    student: NotebookNode


def make_lab(course: Course, lab: str) -> LabNotebooks:
    """Reads a lab's source and makes both notebooks of it; runs and writes nothing.

    Raises:
        BuildRefused: the source breaks the contract, or the student's notebook would show a secret.
    """
    path = course.lab_notebooks / f"{lab}.ipynb"
    source = course.lab_sources / f"{lab}.py"
    instructor = instructor_notebook(course, source, path)
    check_contract(course.lab(lab), instructor.cells)
    student = student_notebook(instructor)
    check_leaks(lab, instructor, student)
    return LabNotebooks(instructor, student)


def build_lab(
    course: Course, lab: str, result: BuildResult, report: Callable[[str], None], force: bool
) -> None:
    """Writes the student's notebook and the nbgrader course of a lab that passes every check.

    Raises:
        BuildRefused: it does not; nothing was written.
    """
    notebooks = make_lab(course, lab)
    verify(course, lab, notebooks.instructor, notebooks.student, report, force)
    _register(course, lab, notebooks.instructor)
    put(course.lab_notebooks / f"{lab}.ipynb", text_of(notebooks.student), result)


def check_lab(course: Course, lab: str, result: BuildResult) -> None:
    """Notes in `result.differs` when the student's notebook that is there is not what the source makes."""
    path = course.lab_notebooks / f"{lab}.ipynb"
    expected = text_of(make_lab(course, lab).student)
    if path.is_file() and path.read_text(encoding="utf-8") == expected:
        result.unchanged.append(path)
    else:
        state = "is not what its source makes" if path.is_file() else "is not built"
        result.differs.append(f"{path.relative_to(course.home).as_posix()} {state}")


def ensure_built(course: Course, lab: str, report: Callable[[str], None] = print) -> Path:
    """The instructor's notebook of a lab in the nbgrader course, built first where it is not up to date.

    Raises:
        CourseError: course.toml knows no such lab, or the gradebook can't be used.
        BuildRefused: the lab would not pass `autograder build`.
    """
    course.lab(lab)
    notebooks = make_lab(course, lab)
    verify(course, lab, notebooks.instructor, notebooks.student, report)
    _register(course, lab, notebooks.instructor)
    return course.source_notebook(lab)


def _register(course: Course, lab: str, instructor: NotebookNode) -> None:
    """Tells nbgrader, unless it was told exactly this and everything it made is still there."""
    write_config(course)
    text = text_of(instructor)
    facts = f"{course.id}\n{course.lab(lab).deadline}\n{course.limits.cell_seconds}"
    mark = hashlib.sha256(f"{facts}\n{text}".encode()).hexdigest()
    memory = course.root / ".build" / f"{lab}.json"
    files = [course.source_notebook(lab), release_notebook(course, lab)]
    if _same(memory, [mark, *map(_digest, files)]) and is_registered(course, lab):
        return
    register(course, lab, instructor)
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps([mark, *map(_digest, files)]), encoding="utf-8")


def _same(memory: Path, now: list[str]) -> bool:
    try:
        return json.loads(memory.read_text(encoding="utf-8")) == now
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
