"""A course handed out, collected and handed back through nbgrader's exchange, by accounts of this machine."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import nbformat
import pytest

from autograder import doctor
from autograder.build import make_lab
from autograder.course import Course, load_course
from autograder.late import read_timestamp
from autograder.sandbox import choice
from tests.autograder.accounts import Account, accounts, finish, why_not
from tests.autograder.handed_in import data_of, solved
from tests.autograder.tiny import LAB, edit

pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=f"no accounts here: {why_not()}"),
    pytest.mark.skipif(choice.why_not() is not None, reason=f"no sandbox: {choice.why_not()}"),
]

# Where the instructor's machine keeps its clock, and a student's; nbgrader writes UTC for both.
ZONE, FAR_ZONE = "America/New_York", "Asia/Tokyo"
RENAMED = f"{LAB}-Copy1"
TINY_COURSE = "tiny-course"
CONFIG = """\
c = get_config()  # noqa: F821
c.Exchange.root = {exchange!r}
c.CourseDirectory.course_id = "tiny-course"
"""


@dataclass
class Walk:
    """What was there and what was said, from release to feedback.

    ana hands in twice and has an extension; bo hands in late, under another name; cy makes folders of
    the exchange by hand; dee's notebook did not come through the exchange.
    """

    place: Path
    course: Course
    grader: Account
    ana: Account
    bo: Account
    cy: Account
    deadline: datetime
    said: dict[str, str]

    @property
    def inbound(self) -> Path:
        return self.place / "exchange" / TINY_COURSE / "inbound"

    def submitted(self, student: str, name: str) -> str:
        return (self.course.submitted / student / LAB / name).read_text(encoding="utf-8").strip()

    def nbgrader(self, who: Account, *arguments: str) -> subprocess.Popen:
        """A student's command, on its way; their clocks are far from the instructor's."""
        return who.start("nbgrader", *arguments, TZ=FAR_ZONE, JUPYTER_CONFIG_PATH=self._settings)

    def graders(self, *command: str, cwd: Path | None = None) -> str:
        """What a command of the instructor's says, in nbgrader's course folder if not elsewhere."""
        where = cwd or self.course.root
        return self.grader.run(*command, cwd=where, TZ=ZONE, JUPYTER_CONFIG_PATH=self._settings)

    @property
    def _settings(self) -> str:
        return str(self.place / "settings")


@pytest.fixture(scope="module")
def walk(_built_course, tmp_path_factory) -> Iterator[Walk]:
    with accounts("grader", "ana", "bo", "cy") as (place, (grader, ana, bo, cy)):
        (place / "exchange").mkdir()
        (place / "exchange").chmod(0o1777)
        (place / "settings").mkdir()
        text = CONFIG.format(exchange=str(place / "exchange"))
        (place / "settings" / "nbgrader_config.py").write_text(text, encoding="utf-8")
        home = grader.home / "project"
        shutil.copytree(_built_course, home)
        deadline = datetime.now(ZoneInfo(ZONE)) - timedelta(minutes=90)
        _set_dates(home, deadline, ana.name)
        subprocess.run(["chown", "-R", f"{grader.name}:", str(home)], check=True)
        started = Walk(place, load_course(home), grader, ana, bo, cy, deadline, {})
        _hand_out_and_in(started)
        _grade_and_hand_back(started)
        yield started


def _set_dates(home: Path, deadline: datetime, student: str) -> None:
    """The class was due an hour and a half ago, by the grader's clock; one student has until tomorrow."""
    until = deadline + timedelta(days=1)
    edit(
        home,
        "settings",
        "deadline = 2030-01-31T23:59:00",
        f"deadline = {deadline:%Y-%m-%dT%H:%M:%S}\n"
        f"[labs.tiny.extensions]\n{student} = {until:%Y-%m-%dT%H:%M:%S}\n[late]\nper_day = 10",
    )


def _hand_out_and_in(walk: Walk) -> None:
    notebooks = make_lab(walk.course, LAB)
    walk.graders("nbgrader", "release_assignment", LAB)
    fetching = [walk.nbgrader(who, "fetch_assignment", LAB) for who in (walk.ana, walk.bo)]
    for process in fetching:
        finish(process)
    work = walk.ana.home / LAB / f"{LAB}.ipynb"
    submitting = walk.nbgrader(walk.ana, "submit", LAB)  # as it was released
    renamed = walk.bo.home / LAB / f"{RENAMED}.ipynb"
    (walk.bo.home / LAB / f"{LAB}.ipynb").rename(renamed)
    renamed.write_bytes(data_of(solved(notebooks, mean="def mean(values):\n    return 0")))
    walk.said["bo submits"] = finish(walk.nbgrader(walk.bo, "submit", LAB))
    finish(submitting)
    work.write_bytes(data_of(solved(notebooks)))
    walk.said["ana submits"] = finish(walk.nbgrader(walk.ana, "submit", LAB))
    _cheat(walk, data_of(solved(notebooks, mean="def mean(values):\n    return 1")))


def _cheat(walk: Walk, notebook: bytes) -> None:
    """cy: a time before the deadline, the solution by a link, bo's name, and folders to stumble over."""
    (walk.cy.home / "mine.ipynb").write_bytes(notebook)
    (walk.cy.home / "mine.ipynb").chmod(0o644)
    early = walk.deadline.astimezone(UTC) - timedelta(hours=3)
    inbound, own = walk.inbound, f"{walk.cy.name}+{LAB}"
    forged = inbound / f"{own}+{early:%Y-%m-%d %H:%M:%S.%f} UTC+forged"
    other = inbound / f"{walk.bo.name}+{LAB}+2035-01-01 00:00:00.000000 UTC+other"
    closed = inbound / f"{own}+2035-01-01 00:00:00.000000 UTC+closed"
    lines = [
        f"mkdir '{forged}' '{other}' '{inbound}/{own}+soon+x'",
        f"mkdir -m 000 '{closed}'",
        f"cp mine.ipynb '{forged}/mine.ipynb'",
        f"cp mine.ipynb '{other}/{LAB}.ipynb'",
        f"ln -s '{walk.course.source_notebook(LAB)}' '{forged}/{LAB}.ipynb'",
        f"mkfifo '{forged}/pipe'",
    ]
    walk.cy.run("sh", "-e", "-c", "\n".join(lines))


def _grade_and_hand_back(walk: Walk) -> None:
    said, home = walk.said, walk.course.home
    said["collect"] = walk.graders("nbgrader", "collect", LAB, "--update")
    elsewhere = walk.course.submitted / "dee" / LAB  # as `autograder collect` puts it
    walk.grader.run("mkdir", "-p", elsewhere)
    blank = walk.course.root / "release" / LAB / f"{LAB}.ipynb"
    walk.grader.run("cp", blank, elsewhere / f"{LAB}.ipynb")
    said["grade"] = walk.graders("autograder", "grade", LAB, "--csv", "scores.csv", cwd=home)
    # an instructor who lets nobody read what they write
    steps = f"umask 077; autograder feedback {LAB} && cd course && nbgrader release_feedback {LAB}"
    said["release"] = walk.graders("sh", "-c", steps, cwd=home)
    fetching = [walk.nbgrader(who, "fetch_feedback", LAB) for who in (walk.ana, walk.bo)]
    for process in fetching:
        finish(process)


def _scores(walk: Walk) -> dict[str, str]:
    rows = (walk.course.home / "scores.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {row.split(",")[0]: row.split(",")[2] for row in rows}


def test_the_deadline_of_course_toml_is_the_gradebooks_in_utc(walk):
    """It was changed after the build; grading told the gradebook. The grader's clock is New York's."""
    query = "select duedate from assignment where name = ?"
    with closing(sqlite3.connect(walk.course.gradebook)) as book:
        (due,) = book.execute(query, (LAB,)).fetchone()
    expected = walk.deadline.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    assert datetime.fromisoformat(due).replace(microsecond=0) == expected


def test_of_two_submissions_the_second_counts(walk):
    assert _scores(walk)[walk.ana.name] == "15"
    stamp = read_timestamp(walk.submitted(walk.ana.name, "timestamp.txt"))
    assert f"{stamp:%Y-%m-%d %H:%M:%S}" in walk.said["ana submits"]


def test_lateness_goes_by_the_exchanges_time_and_extensions_count(walk):
    """bo, an hour and a half after the deadline: one day begun, 10 % of 20 points."""
    assert f"{walk.bo.name},{LAB},6," in (walk.course.home / "scores.csv").read_text()
    reason = (walk.course.home / "scores.csv").read_text().split(walk.bo.name)[1].splitlines()[0]
    assert "late by 1 h 3" in reason
    assert ": -2 points" in reason
    page = (walk.course.feedback / walk.ana.name / LAB / f"{LAB}.html").read_text(encoding="utf-8")
    assert "late by" not in page


def test_a_renamed_notebook_is_graded_and_its_feedback_found(walk):
    assert f"{RENAMED}.ipynb: EXTRA" in walk.said["bo submits"]
    assert f"{walk.bo.name}: {RENAMED}.ipynb is taken for {LAB}.ipynb" in walk.said["collect"]
    (page,) = (walk.bo.home / LAB / "feedback").rglob("*.html")
    assert page.name == f"{RENAMED}.html"
    assert "add the numbers up and divide by how many there are" in page.read_text(encoding="utf-8")


def test_everybody_gets_their_own_feedback_however_strict_the_instructors_umask(walk):
    (page,) = (walk.ana.home / LAB / "feedback").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert text == (walk.course.feedback / walk.ana.name / LAB / f"{LAB}.html").read_text("utf-8")
    assert "of 20 points so far" in text
    assert '<p class="score">15 ' in text
    assert walk.bo.name not in text


def test_students_see_nothing_of_each_other_or_of_the_instructor(walk):
    exchange = walk.place / "exchange" / TINY_COURSE
    for command in (
        f"ls '{walk.inbound}'",
        f"ls '{exchange}/feedback'",
        f"cat '{walk.course.gradebook}'",
        f"cat '{walk.course.source_notebook(LAB)}'",
        f"ls '{walk.ana.home}'",
        f"touch '{exchange}/outbound/{LAB}/{LAB}.ipynb'",
        f"rm -r '{exchange}/outbound/{LAB}'",
        f"mv '{exchange}' '{exchange}-away'",
    ):
        process = walk.bo.start("sh", "-c", command)
        said, _ = process.communicate(timeout=60)
        assert process.returncode != 0, command
        assert "ermission denied" in said or "not permitted" in said, said
    assert stat_of(walk.inbound) == 0o2733
    assert stat_of(exchange / "feedback") == 0o711


def test_a_time_written_before_the_deadline_does_not_make_it_early(walk):
    assert f"{walk.cy.name}: says " in walk.said["collect"]
    stamp = read_timestamp(walk.submitted(walk.cy.name, "timestamp.txt"))
    assert stamp > walk.deadline.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=1)
    # the mean is wrong: 8 of 20, less 2 for the first day
    assert _scores(walk)[walk.cy.name] == "6"


def test_links_and_folders_of_others_are_not_taken(walk):
    said = walk.said["collect"]
    assert f"{walk.cy.name}: {LAB}.ipynb is left out: it is a symbolic link" in said
    assert f"{walk.cy.name}: pipe is left out: it is no file" in said
    assert f"it names {walk.bo.name} but belongs to {walk.cy.name}" in said
    assert "UTC+closed: it can't be read (Permission denied)" in said
    assert "soon+x: its name is not STUDENT+LAB+TIME" in said
    taken = nbformat.read(walk.course.submitted / walk.cy.name / LAB / f"{LAB}.ipynb", as_version=4)
    assert not any("BEGIN SOLUTION" in cell.source for cell in taken.cells)


def test_who_did_not_hand_in_through_the_exchange_stops_nobodys_feedback(walk):
    assert (
        "dee: not released: the submission did not come through the exchange"
        in walk.said["release"]
    )
    assert f"{walk.ana.name}: feedback released" in walk.said["release"]
    assert _scores(walk)["dee"] == "0"


def test_the_doctor_says_where_students_could_read_the_solutions(walk, monkeypatch):
    monkeypatch.chdir(walk.course.home)
    assert [one.what for one in doctor._course()] == ["course.toml"]
    walk.grader.home.chmod(0o755)
    try:
        _, found = doctor._course()
    finally:
        walk.grader.home.chmod(0o700)
    assert found.state == doctor.OPTIONAL
    assert f"can read {walk.course.root}" in found.detail
    assert f"chmod 700 {walk.course.home}" in found.detail


def test_collecting_what_nbgrader_collected_changes_nothing(walk, tmp_path):
    before = {
        path: path.read_bytes() for path in walk.course.submitted.rglob("*") if path.is_file()
    }
    walk.graders("autograder", "collect", LAB, str(walk.course.submitted), cwd=walk.course.home)
    after = {path: path.read_bytes() for path in walk.course.submitted.rglob("*") if path.is_file()}
    assert set(after) == set(before)
    assert {path.name for path in before if before[path] != after[path]} <= {"timestamp.txt"}
    assert _stamps(before) == _stamps(after)


def _stamps(files: dict[Path, bytes]) -> dict[Path, datetime | None]:
    return {
        path: read_timestamp(text.decode().strip())
        for path, text in files.items()
        if path.name == "timestamp.txt"
    }


def stat_of(path: Path) -> int:
    return os.stat(path).st_mode & 0o7777
