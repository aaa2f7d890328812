"""Killed, out of disk, locked out: on the next start nothing is lost and nothing is counted twice."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import record, store
from autograder.classroom import grade_class
from autograder.course import Course, CourseError, load_course
from autograder.sandbox import bubblewrap
from tests.autograder.handed_in import data_of, solved, with_cell
from tests.autograder.tiny import LAB, quiet

pytestmark = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
KILLS = 10
MARK = "AUTOGRADER_TEST_MARK"


@pytest.fixture
def short_temp():
    """A temporary folder with a name short enough for sockets, of which nothing may be left."""
    folder = Path(tempfile.mkdtemp(prefix="k", dir="/var/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def class_of_eight(built, tiny_notebooks) -> Course:
    half = solved(tiny_notebooks, mean="def mean(values):\n    return 0")
    work: dict[str, Any] = {
        "ana": solved(tiny_notebooks),
        "bo": half,
        "cy": b"nonsense",
        "di": with_cell(solved(tiny_notebooks), "import time; time.sleep(1)", at=2),
        "ed": with_cell(half, "print('hello')", at=2),
        "flo": with_cell(solved(tiny_notebooks), "1 / 0", at=2),
        "gus": solved(tiny_notebooks, answer=""),
        "hal": solved(tiny_notebooks, doubled="def doubled(values):\n    return values"),
    }
    for student, notebook in work.items():
        hand_in(built, student, notebook if isinstance(notebook, bytes) else data_of(notebook))
    return built


def hand_in(course: Course, student: str, data: bytes) -> None:
    folder = course.submitted / student / LAB
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_bytes(data)


def start(course: Course, temp: Path, *more: str) -> subprocess.Popen:
    environment = {**os.environ, "TMPDIR": str(temp), MARK: str(temp)}
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", LAB, "--jobs", "2", *more],
        cwd=course.home,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(course: Course, temp: Path) -> list[list[str]]:
    """Grades what is left, and reads the table."""
    table = course.home / "out.csv"
    process = start(course, temp, "--csv", str(table))
    said = process.communicate(timeout=600)[1]
    assert process.returncode in (0, 1), said
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def content(course: Course) -> dict[str, list[str]]:
    """Every table of the gradebook, with what an id stands for in place of the id."""
    with contextlib.closing(sqlite3.connect(course.gradebook)) as book:
        book.row_factory = sqlite3.Row
        names = [
            row[0] for row in book.execute("select name from sqlite_master where type='table'")
        ]
        tables = {
            name: [dict(row) for row in book.execute(f"select * from {name}")] for name in names
        }
    meant: dict[str, list[dict[str, Any]]] = {}
    for rows in tables.values():
        for row in rows:
            meant.setdefault(str(row.get("id")), []).append(row)

    def plain(row: dict[str, Any]) -> list[Any]:
        return [
            (column, [plain(other) for other in meant[value]] if random_id(value) else value)
            for column, value in row.items()
            if not (column == "id" and random_id(value))
        ]

    def random_id(value: Any) -> bool:
        return isinstance(value, str) and len(value) == 32 and value in meant

    return {name: sorted(repr(plain(row)) for row in rows) for name, rows in tables.items()}


def left_behind(temp: Path) -> list[psutil.Process]:
    """Processes that a grader with this mark started."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(temp):
                found.append(process)
    return found


def kill(process: subprocess.Popen, temp: Path) -> None:
    """Kills the grader, and waits for all that it started to be gone by itself."""
    started = []
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, alive = psutil.wait_procs(started, timeout=30)
    give_up = time.monotonic() + 30
    while (alive := [p for p in alive if p.is_running()] + left_behind(temp)) and (
        time.monotonic() < give_up
    ):
        time.sleep(0.1)
    assert alive == []


def test_a_grader_killed_ten_times_ends_with_the_same_gradebook(
    class_of_eight, short_temp, tmp_path
):
    shutil.copytree(class_of_eight.home, tmp_path / "undisturbed")
    undisturbed = load_course(tmp_path / "undisturbed")
    began = time.monotonic()
    expected = finish(undisturbed, short_temp)
    seconds = time.monotonic() - began
    moments = random.Random(2026)
    for number in range(KILLS):
        # every other run grades all of them again, so that there is work left for all ten
        process = start(class_of_eight, short_temp, *(["--force"] if number % 2 else []))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0.05, 0.95) * seconds)
        kill(process, short_temp)
    assert finish(class_of_eight, short_temp) == expected
    assert content(class_of_eight) == content(undisturbed)
    assert list(short_temp.glob("ag-*")) == []
    unfinished = [*class_of_eight.root.rglob("*.part"), *class_of_eight.root.rglob("*-journal")]
    assert unfinished == []
    for folder in (class_of_eight, undisturbed):  # and once more changes nothing
        before = content(folder)
        assert finish(folder, short_temp) == expected
        assert content(folder) == before


def test_a_killed_slot_takes_its_kernel_and_checker_with_it(class_of_eight, short_temp):
    process = start(class_of_eight, short_temp)
    slots = []
    while not slots:
        assert process.poll() is None
        time.sleep(0.1)
        for child in psutil.Process(process.pid).children():
            with contextlib.suppress(psutil.Error):
                if "autograder.slot" in child.cmdline():
                    slots.append(child)
    time.sleep(1)
    slots[0].kill()
    assert process.wait(timeout=300) in (0, 1)
    assert left_behind(short_temp) == []
    scores = {row[0]: row[2] for row in finish(class_of_eight, short_temp)[1:]}
    assert scores == {
        **{"ana": "15", "bo": "8", "cy": "0", "di": "15"},
        **{"ed": "8", "flo": "15", "gus": "15", "hal": scores["hal"]},
    }


def test_a_full_disk_is_a_sentence_and_costs_nothing(built, tiny_notebooks, monkeypatch):
    for student in ("ana", "bo", "cy"):
        hand_in(built, student, data_of(solved(tiny_notebooks)))
    fsync, room = os.fsync, [3]  # the notebook and the result of one, and the notebook of another

    def full(descriptor: int) -> None:
        room[0] -= 1
        if room[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(store.os, "fsync", full)
        with pytest.raises(CourseError, match=r"No space left.*results so far are kept"):
            grade_class(built, LAB, ["ana", "bo", "cy"], workers=1, report=quiet)
    assert list(built.root.rglob("*.part")) == []
    results = grade_class(built, LAB, ["ana", "bo", "cy"], workers=2, report=quiet)
    assert [result.score for result in results] == [15, 15, 15]
    assert len(content(built)["submitted_assignment"]) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_really_full(built, tiny_notebooks, tmp_path):
    """The gradebook, the results and the graded notebooks on a disk with hardly any room left."""
    loud = with_cell(solved(tiny_notebooks), "print('x' * 60_000)", at=2)
    for number in range(6):
        hand_in(built, f"s{number}", data_of(loud))
    disk, saved = tmp_path / "course" / built.root.name, tmp_path / "saved"
    shutil.copytree(disk, saved)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)])
    if mounted.returncode:
        pytest.skip("no mounting here")
    try:
        shutil.copytree(saved, disk, dirs_exist_ok=True)
        room = shutil.disk_usage(disk).free
        (disk / "films").write_bytes(b"\0" * (room - 150_000))
        with pytest.raises(CourseError, match=r"(full|No space left).*so far are kept"):
            grade_class(built, LAB, [f"s{number}" for number in range(6)], report=quiet)
        (disk / "films").unlink()
        results = grade_class(built, LAB, [f"s{number}" for number in range(6)], report=quiet)
        assert [result.score for result in results] == [15] * 6
        assert len(content(built)["submitted_assignment"]) == 6
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_gradebook_locked_by_another_program_is_a_sentence_and_costs_nothing(
    built, tiny_notebooks, monkeypatch
):
    for student in ("ana", "bo"):
        hand_in(built, student, data_of(solved(tiny_notebooks)))
    monkeypatch.setattr(record, "_LOCKED_SECONDS", 1.0)
    monkeypatch.setattr(record, "_BUSY_SECONDS", 1)
    with contextlib.closing(sqlite3.connect(built.gradebook)) as formgrader:
        formgrader.execute("begin immediate")
        with pytest.raises(
            CourseError, match=r"locked by another program.*results so far are kept"
        ):
            grade_class(built, LAB, ["ana", "bo"], workers=1, report=quiet)
        formgrader.rollback()
    results = grade_class(built, LAB, ["ana", "bo"], workers=1, report=quiet)
    assert [result.score for result in results] == [15, 15]
    assert len(content(built)["submitted_assignment"]) == 2
