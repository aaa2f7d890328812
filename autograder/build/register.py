"""The nbgrader course of a lab: its folders, its configuration, its place in the gradebook."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.build.cells import BuildRefused
from autograder.build.student import student_notebook, text_of
from autograder.course import Course, CourseError

_CONFIG = '''\
"""Written by `autograder build` from course.toml; it is written anew whenever the course is built.
Settings of your own belong into nbgrader_own_config.py beside it, which is read last."""

import os

here = os.path.dirname(os.path.abspath(__file__))

c = get_config()  # noqa: F821
c.CourseDirectory.root = here
c.CourseDirectory.course_id = {course_id!r}
c.Execute.timeout = {cell_seconds}

# The formgrader's Autograde button and `nbgrader autograde` grade as `autograder grade` does: in the
# sandbox; Generate Feedback writes what `autograder feedback` does, without hidden tests. Where that
# can't be loaded they refuse, rather than run submissions unprotected.
try:
    from autograder.formgrader import grade_our_way
except Exception as error:
    from nbgrader.converters import Autograde, GenerateFeedback
    from nbgrader.converters.base import NbGraderException

    def refuse(converter, why=f"{{type(error).__name__}}: {{error}}"):
        message = f"nothing is done: this course's grader can't be loaded here ({{why}}). Start Jupyter or nbgrader from the environment that has it installed"
        converter.log.error(message)
        raise NbGraderException(message)

    Autograde.start = GenerateFeedback.start = refuse
else:
    grade_our_way(here, os.path.join(here, {home!r}))
    # Collecting from the exchange and handing back through it, without trusting what students put there.
    # Another exchange (ngshare …) says so in nbgrader_own_config.py.
    c.ExchangeFactory.collect = "autograder.exchange.Collect"
    c.ExchangeFactory.release_feedback = "autograder.exchange.ReleaseFeedback"

if os.path.exists(os.path.join(here, "nbgrader_own_config.py")):
    load_subconfig("nbgrader_own_config.py", path=here)  # noqa: F821
'''


def register(course: Course, lab: str, instructor: NotebookNode) -> Path:
    """Writes source/LAB and release/LAB and tells the gradebook of the lab.

    Returns:
        The instructor's notebook in the nbgrader course.

    Raises:
        BuildRefused: nbgrader would not have it, or made something else of it than `student_notebook`.
        CourseError: the gradebook can't be used; the message says why and what to do.
    """
    source = course.source_notebook(lab)
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text_of(instructor), encoding="utf-8", newline="\n")
    write_config(course)
    _check_gradebook(course)
    with interpreter_on_path():
        _generate(course, lab)
        _set_deadline(course, lab)
    release = release_notebook(course, lab)
    if release.read_text(encoding="utf-8").rstrip("\n") + "\n" != text_of(
        student_notebook(instructor)
    ):
        raise BuildRefused(
            f"{lab}: nbgrader's release version ({release}) is not the student notebook of the build. "
            "A setting of nbgrader's on this machine changes it (header, footer, AUTOTEST): remove that setting"
        )
    return source


def release_notebook(course: Course, lab: str) -> Path:
    return course.root / "release" / lab / f"{lab}.ipynb"


def is_registered(course: Course, lab: str) -> bool:
    """Whether the gradebook knows the lab and its notebook."""
    if not course.gradebook.exists():
        return False
    query = "select 1 from assignment join notebook on notebook.assignment_id = assignment.id where assignment.name = ?"
    try:
        with contextlib.closing(sqlite3.connect(course.gradebook)) as database:
            return database.execute(query, (lab,)).fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def write_config(course: Course) -> None:
    """nbgrader_config.py, so that nbgrader's own commands and the formgrader find the course."""
    course.root.mkdir(parents=True, exist_ok=True)
    text = _CONFIG.format(
        course_id=course.id,
        cell_seconds=int(course.limits.cell_seconds),
        home=os.path.relpath(course.home, course.root),
    )
    path = course.root / "nbgrader_config.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def interpreter_on_path() -> Iterator[None]:
    """nbgrader runs `alembic` from PATH when it makes a gradebook, and without it leaves a gradebook
    behind that nothing can read; a virtual environment used by its full path is not on PATH."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _generate(course: Course, lab: str) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    folder = CourseDirectory(
        root=str(course.root), course_id=course.id, assignment_id=lab, notebook_id=lab
    )
    converter = GenerateAssignment(coursedir=folder, force=True)
    said: list[str] = []
    converter.log = folder.log = _listener(said)
    try:
        converter.start()
    except NbGraderException as error:
        raise BuildRefused(_why(course, lab, said, error)) from None


def _why(course: Course, lab: str, said: list[str], error: Exception) -> str:
    text = "\n".join(said)
    if "there are submissions associated" in text:
        return (
            f"{lab}: cells were added to or removed from the lab, and {course.gradebook} already holds "
            "submissions of it. Give the cells their old grade_ids back, or move gradebook.db away and "
            "grade the class again"
        )
    if "database is locked" in text:
        return f"{lab}: {course.gradebook} is locked by another program: close the formgrader, then build again"
    return f"{lab}: nbgrader could not make the assignment: {text or error}"


class _Listener(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _listener(said: list[str]) -> logging.Logger:
    """A logger that keeps nbgrader's errors and prints nothing."""
    log = logging.Logger("autograder.build.nbgrader")
    log.addHandler(_Listener(said))
    return log


def _set_deadline(course: Course, lab: str) -> None:
    """nbgrader keeps deadlines in UTC; one without a time zone in course.toml is this machine's time."""
    from nbgrader.api import Gradebook

    deadline: datetime | None = course.lab(lab).deadline
    due = deadline.astimezone(UTC).replace(tzinfo=None) if deadline else None
    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as gradebook:
        assignment = gradebook.find_assignment(lab)
        assignment.duedate = due
        gradebook.db.commit()


def _check_gradebook(course: Course) -> None:
    """A gradebook that an interrupted or alembic-less nbgrader left half made has no version table."""
    if not course.gradebook.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(course.gradebook)) as database:
            tables = {
                row[0]
                for row in database.execute("select name from sqlite_master where type='table'")
            }
    except sqlite3.DatabaseError as error:
        raise CourseError(
            f"{course.gradebook} can't be read ({error}): move it away and build again"
        ) from None
    if tables and "alembic_version" not in tables:
        raise CourseError(
            f"{course.gradebook} was left half made by nbgrader: move it away and build again"
        )
