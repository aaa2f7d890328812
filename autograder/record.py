"""Writes results into nbgrader's gradebook: the only place in this package that does."""

from __future__ import annotations

import contextlib
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from sqlalchemy.exc import OperationalError, SAWarning

from autograder import store
from autograder.build.cells import grade_id, is_manual, is_solution
from autograder.build.register import interpreter_on_path
from autograder.build.student import student_notebook
from autograder.course import Course, CourseError
from autograder.late import Lateness, extension_of, lateness, read_timestamp
from autograder.results import GRADED, NEEDS_MANUAL, UNREADABLE, Graded, Result

_LOCKED_SECONDS = 60.0
_BUSY_SECONDS = 15  # that sqlite waits by itself
_T = TypeVar("_T")


class Recorder:
    """The gradebook of a course, open for one lab.

    Raises:
        CourseError: the gradebook can't be opened, or another program keeps it locked.
    """

    def __init__(self, course: Course, lab: str, assignment: NotebookNode) -> None:
        self._course, self._lab, self._assignment = course, lab, assignment
        with interpreter_on_path():
            from nbgrader.api import Gradebook

            url = f"sqlite:///{course.gradebook}?timeout={_BUSY_SECONDS}"
            self._book: Any = self._patiently(lambda: Gradebook(url, course.id))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def record(self, graded: Graded) -> Result:
        """Scores into the gradebook, the notebook into autograded/; both are as before when done twice.

        Scores that a person gave stay. Where what they were given for has changed, nbgrader is told
        that the cell needs a look.

        Returns:
            The result as `as_it_stands` has it.
        """
        result, notebook = graded.result, graded.notebook
        if notebook is None and result.status == UNREADABLE:
            notebook = self._placeholder(result.reason)
        if notebook is not None:
            path = self._course.autograded / result.student / self._lab / f"{self._lab}.ipynb"
            changed = _changed_answers(path, notebook)
            self._patiently(lambda: self._record_scores(result, notebook, changed))
            # only now: were it written first, a kill in between would hide that an answer changed
            self._write_notebook(path, notebook, result.student)
        return self.as_it_stands(result)

    def as_it_stands(self, result: Result) -> Result:
        """The result with the scores that people gave, less what handing in late costs.

        Args:
            result: as the grader gave it; it is changed and returned.
        """
        result = self._patiently(lambda: self._with_manual_scores(result))
        return _less_penalty(result, self._lateness(result.student))

    def comments(self, student: str) -> dict[str, str]:
        """What people wrote in the formgrader: grade_id -> comment; their own words before nbgrader's."""
        from nbgrader.api import MissingEntry

        def read() -> dict[str, str]:
            try:
                notebook = self._book.find_submission_notebook(self._lab, self._lab, student)
            except MissingEntry:
                return {}
            return {one.name: one.comment for one in notebook.comments if one.comment}

        return self._patiently(read)

    def _lateness(self, student: str) -> Lateness:
        return lateness(self._course, self._lab, student, self._timestamp(student))

    def _write_notebook(self, path: Path, notebook: bytes, student: str) -> None:
        if not path.exists() or path.read_bytes() != notebook:
            store.write(path, notebook)
        stamp = self._course.submitted / student / self._lab / "timestamp.txt"
        if stamp.is_file():
            store.write(path.parent / "timestamp.txt", stamp.read_bytes())

    def _placeholder(self, why: str) -> bytes:
        """For the formgrader and feedback of somebody whose notebook can't be read."""
        notebook = student_notebook(self._assignment)
        note = (
            f"**This submission could not be read**: {why}. The cells below are the released ones."
        )
        notebook.cells.insert(0, new_markdown_cell(note, id="could-not-be-read"))
        return (nbformat.writes(notebook, version=4).rstrip("\n") + "\n").encode("utf-8")

    def _record_scores(self, result: Result, notebook: bytes, changed: set[str]) -> None:
        book, student = self._book, result.student
        moment = read_timestamp(self._timestamp(student))
        with warnings.catch_warnings():  # the way nbgrader adds rows displeases SQLAlchemy, no more
            warnings.filterwarnings("ignore", category=SAWarning)
            book.update_or_create_student(student)
            when = {"timestamp": moment} if moment else {}
            submission = book.update_or_create_submission(self._lab, student, **when)
        submission.extension = extension_of(self._course, self._lab, student)
        on_record = book.find_submission_notebook(self._lab, self._lab, student)
        # not cut to the score so far: points that a person gives later are not to escape it
        on_record.late_submission_penalty = self._lateness(student).penalty or None
        for check in result.checks:
            grade = self._grade(check.grade_id, student)
            nothing_there = result.status == UNREADABLE
            points = 0.0 if nothing_there else check.points
            moved = grade.auto_score != points or check.grade_id in changed
            grade.auto_score = points
            if grade.manual_score is None:
                grade.needs_manual_grade = points is None
            elif moved:
                grade.needs_manual_grade = True
        self._comment(student, notebook)
        book.db.commit()

    def _comment(self, student: str, notebook: bytes) -> None:
        """nbgrader's own remark on cells that were left as they were released."""
        from nbgrader.utils import compute_checksum

        for cell in nbformat.reads(notebook.decode("utf-8"), as_version=4).cells:
            if is_solution(cell) and grade_id(cell):
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                comment = self._book.find_comment(grade_id(cell), self._lab, self._lab, student)
                comment.auto_comment = "No response." if untouched else None

    def _with_manual_scores(self, result: Result) -> Result:
        from nbgrader.api import MissingEntry

        try:
            self._book.find_submission(self._lab, result.student)
        except MissingEntry:
            return result
        open_questions = False
        for check in result.checks:
            grade = self._grade(check.grade_id, result.student)
            if grade.manual_score is not None:
                check.points = grade.manual_score + (grade.extra_credit or 0.0)
            elif check.points is not None and grade.extra_credit:
                check.points += grade.extra_credit
            open_questions = open_questions or grade.needs_manual_grade
        result.score = sum(check.points or 0.0 for check in result.checks)
        if result.status in (GRADED, NEEDS_MANUAL):
            result.status = NEEDS_MANUAL if open_questions else GRADED
        return result

    def _grade(self, name: str, student: str) -> Any:
        from nbgrader.api import MissingEntry

        try:
            return self._book.find_grade(name, self._lab, self._lab, student)
        except MissingEntry:
            raise CourseError(
                f"{self._course.gradebook} does not know cell {name!r} of {self._lab} for {student}: the lab "
                "was built anew with other cells. Move gradebook.db away and grade the class again"
            ) from None

    def _timestamp(self, student: str) -> str:
        path = self._course.submitted / student / self._lab / "timestamp.txt"
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

    def _patiently(self, act: Callable[[], _T]) -> _T:
        """Again while another program, such as an open formgrader, writes to the gradebook."""
        from nbgrader.api import InvalidEntry

        give_up = time.monotonic() + _LOCKED_SECONDS
        while True:
            try:
                with _nbgrader_says_nothing():
                    return act()
            except (OperationalError, InvalidEntry) as error:
                # nbgrader dresses some of the database's errors as entries that are invalid
                if "OperationalError" not in f"{type(error).__name__} {error}":
                    raise
                if hasattr(self, "_book"):
                    self._book.db.rollback()
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise CourseError(_cannot_write(self._course.gradebook, error)) from None
                time.sleep(0.5)


def _less_penalty(result: Result, late: Lateness) -> Result:
    result.late, result.penalty = late.sentence, late.penalty
    if late.penalty and result.status != UNREADABLE:
        result.score = max(0.0, result.score - late.penalty)
        result.reason = "; ".join(filter(None, [late.sentence, result.reason]))
    return result


@contextlib.contextmanager
def _nbgrader_says_nothing() -> Iterator[None]:
    """It logs a traceback for every error that it raises as well."""
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _cannot_write(path: Path, error: Exception) -> str:
    why = str(getattr(error, "orig", error))
    if "locked" in why:
        return (
            f"{path} is locked by another program: close the formgrader and run the command again "
            "(the results so far are kept)"
        )
    return f"{path} can't be written ({why}): check its permissions and the disk (results so far are kept)"


def _changed_answers(path: Path, notebook: bytes) -> set[str]:
    """The grade_ids of written answers whose text is another than in the notebook recorded before."""
    before = _written(path.read_bytes()) if path.exists() else {}
    now = _written(notebook)
    return {name for name in now if now[name] != before.get(name)}


def _written(notebook: bytes) -> dict[str, str]:
    try:
        cells = nbformat.reads(notebook.decode("utf-8"), as_version=4).cells
    except Exception:  # whatever lies there from an earlier run, it is about to be replaced
        return {}
    return {grade_id(cell): cell.source for cell in cells if is_manual(cell)}
