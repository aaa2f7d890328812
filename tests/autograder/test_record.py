"""The gradebook is nbgrader's own: what it exports and shows is what was graded, and people's scores stay."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder import record as record_module
from autograder.course import CourseError
from autograder.grade import not_run, unreadable
from autograder.record import Recorder
from autograder.restore import restore
from autograder.results import Check, Graded, Job, Result
from tests.autograder.handed_in import data_of, solved
from tests.autograder.tiny import LAB


@pytest.fixture
def assignment(built):
    return nbformat.read(built.source_notebook(LAB), as_version=4)


@pytest.fixture
def graded(tiny_notebooks):
    """A result as the grader gives it, without running anything."""

    def make(student: str = "ana", mean: float = 7.0, answer: str = "an answer") -> Graded:
        submission = solved(tiny_notebooks, answer=answer)
        restored = restore(submission, tiny_notebooks.instructor, LAB)
        written = None if restored.answered else 0.0
        checks = [
            Check("test_doubled", 5, 5.0, ran=True),
            Check("test_doubled_2", 3, 3.0, ran=True),
            Check("test_mean", 7, mean, ran=True),
            Check("written", 5, written, manual=True, ran=True),
        ]
        status = "needs-manual" if written is None else "graded"
        result = Result(student, LAB, status, 8 + mean, 20, checks=checks)
        return Graded(result, data_of(restored.notebook))

    return make


def record(course, assignment, *graded: Graded) -> list[Result]:
    with Recorder(course, LAB, assignment) as recorder:
        return [recorder.record(one) for one in graded]


def give(course, student: str, cell: str, score: float) -> None:
    """What the formgrader does when a person types a score."""
    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as book:
        grade = book.find_grade(cell, LAB, LAB, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()


def look(course, student: str, cell: str) -> tuple[float | None, float | None, bool]:
    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as book:
        grade = book.find_grade(cell, LAB, LAB, student)
        return grade.auto_score, grade.manual_score, grade.needs_manual_grade


def rows(course) -> list[dict[str, str]]:
    """What `nbgrader export` writes."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv"]
    subprocess.run(
        command, cwd=course.root, check=True, capture_output=True, env={**os.environ, "PATH": path}
    )
    with (course.root / "grades.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_nbgrader_exports_what_was_graded(built, assignment, graded):
    record(built, assignment, graded("ana"), graded("bo", mean=0.0))
    exported = {row["student_id"]: (row["score"], row["max_score"]) for row in rows(built)}
    assert exported == {"ana": ("15.0", "20.0"), "bo": ("8.0", "20.0")}


def test_the_formgrader_shows_the_class(built, assignment, graded):
    record(built, assignment, graded("ana"), graded("bo", answer=""))
    (built.submitted / "ana" / LAB).mkdir(parents=True)
    directory = CourseDirectory(root=str(built.root), course_id=built.id)
    api = NbGraderAPI(directory, config=Config())
    shown = {one["student"]: one for one in api.get_submissions(LAB)}
    assert shown["ana"]["autograded"]
    assert shown["ana"]["code_score"] == 15
    assert shown["ana"]["needs_manual_grade"]
    assert not shown["bo"]["needs_manual_grade"]
    notebooks = api.get_notebook_submissions(LAB, LAB)
    assert {one["student"]: one["code_score"] for one in notebooks} == {"ana": 15, "bo": 15}
    assert (built.autograded / "ana" / LAB / f"{LAB}.ipynb").is_file()


def test_a_score_that_a_person_gave_survives_a_regrade(built, assignment, graded):
    record(built, assignment, graded())
    give(built, "ana", "written", 4)
    (result,) = record(built, assignment, graded())
    assert look(built, "ana", "written") == (None, 4.0, False)
    assert (result.score, result.status) == (19.0, "graded")


def test_a_changed_answer_asks_for_another_look(built, assignment, graded):
    record(built, assignment, graded())
    give(built, "ana", "written", 4)
    (result,) = record(built, assignment, graded(answer="another answer"))
    assert look(built, "ana", "written") == (None, 4.0, True)
    assert result.status == "needs-manual"


def test_an_overruled_check_stays_overruled_and_is_flagged_when_it_changes(
    built, assignment, graded
):
    record(built, assignment, graded(mean=0.0))
    give(built, "ana", "test_mean", 6)
    (same,) = record(built, assignment, graded(mean=0.0))
    assert (same.score, look(built, "ana", "test_mean")[2]) == (14.0, False)
    record(built, assignment, graded(mean=7.0))
    assert look(built, "ana", "test_mean") == (7.0, 6.0, True)


def test_no_answer_is_graded_zero_with_nbgraders_remark(built, assignment, graded):
    record(built, assignment, graded(answer=""))
    assert look(built, "ana", "written") == (0.0, None, False)
    with Gradebook(f"sqlite:///{built.gradebook}", built.id) as book:
        assert book.find_comment("written", LAB, LAB, "ana").auto_comment == "No response."
        assert book.find_comment("mean", LAB, LAB, "ana").auto_comment is None


def test_recording_twice_changes_nothing(built, assignment, graded):
    def dump() -> str:
        with sqlite3.connect(built.gradebook) as database:
            return "\n".join(database.iterdump())

    record(built, assignment, graded())
    before = dump()
    record(built, assignment, graded())
    assert dump() == before


def test_an_unreadable_submission_is_zero_and_the_formgrader_says_why(built, assignment):
    job = Job("ana", LAB, b"", b"", built.limits)
    record(built, assignment, Graded(unreadable(job, assignment, "the file is empty")))
    assert look(built, "ana", "test_mean") == (0.0, None, False)
    text = (built.autograded / "ana" / LAB / f"{LAB}.ipynb").read_text()
    assert "could not be read**: the file is empty" in text


def test_what_could_not_be_run_takes_nobodys_score_away(built, assignment, graded):
    record(built, assignment, graded())
    job = Job("ana", LAB, b"", b"", built.limits)
    record(built, assignment, Graded(not_run(job, assignment, "the machine fell over")))
    assert look(built, "ana", "test_mean") == (7.0, None, False)


def test_it_waits_for_a_locked_gradebook(built, assignment, graded, monkeypatch):
    record(built, assignment, graded())
    lock = sqlite3.connect(built.gradebook, isolation_level=None, check_same_thread=False)
    lock.execute("begin exclusive")
    threading.Timer(2.0, lambda: lock.execute("rollback")).start()
    record(built, assignment, graded(mean=0.0))
    assert look(built, "ana", "test_mean")[0] == 0.0


def test_it_gives_up_on_a_locked_gradebook_with_a_sentence(built, assignment, graded, monkeypatch):
    record(built, assignment, graded())
    monkeypatch.setattr(record_module, "_LOCKED_SECONDS", 0.1)
    monkeypatch.setattr(record_module, "_BUSY_SECONDS", 1)
    with sqlite3.connect(built.gradebook, isolation_level=None) as lock:
        lock.execute("begin exclusive")
        began = time.monotonic()
        with pytest.raises(CourseError, match="locked by another program"):
            record(built, assignment, graded(mean=0.0))
        assert time.monotonic() - began < 30
        lock.execute("rollback")
