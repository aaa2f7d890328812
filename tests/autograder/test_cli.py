"""The command line's contract: exit status, table, CSV, and an interrupted run that goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import classroom, store
from autograder.course import CourseError
from autograder.sandbox import choice
from tests.autograder.handed_in import data_of, solved, with_cell
from tests.autograder.tiny import LAB

needs_sandbox = pytest.mark.skipif(
    choice.why_not() is not None, reason=f"no sandbox here: {choice.why_not()}"
)


@pytest.fixture
def handed_over(tmp_path, tiny_notebooks) -> Path:
    """Three students: right, half, and no notebook at all."""
    folder = tmp_path / "handed over"
    half = solved(tiny_notebooks, mean="def mean(values):\n    return 0")
    for path, data in {
        f"ana/{LAB}.ipynb": data_of(solved(tiny_notebooks)),
        f"bo_{LAB}.ipynb": data_of(half),
        "cy/notes.txt": b"sorry",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_sandbox
def test_grade_writes_the_documented_csv(run, handed_over, tmp_path):
    status, out, _ = run("grade", LAB, "--submissions", handed_over, "--csv", tmp_path / "out.csv")
    assert status == 1  # somebody could not be graded
    rows = table(tmp_path / "out.csv")
    assert list(rows[0]) == [
        *("student", "lab", "score", "max_score", "status", "reason"),
        *("test_doubled", "test_doubled_2", "test_mean", "written"),
    ]
    ana, bo, cy = rows
    assert (ana["student"], ana["lab"], ana["score"], ana["max_score"]) == ("ana", LAB, "15", "20")
    assert (ana["status"], ana["reason"], ana["test_mean"], ana["written"]) == (
        "needs-manual",
        "",
        "7",
        "",
    )
    assert (bo["score"], bo["test_mean"]) == ("8", "0")
    assert "test_mean: add the numbers up" in bo["reason"]
    assert (cy["score"], cy["status"]) == ("0", "unreadable")
    assert "notes.txt" in cy["reason"]
    assert "15 / 20" in out


@needs_sandbox
def test_a_class_without_trouble_exits_0_and_is_not_run_again(run, handed_over, monkeypatch):
    for path in (handed_over / "cy", handed_over / f"bo_{LAB}.ipynb"):
        path.rename(path.parent.parent / path.name)
    assert run("grade", LAB, "--submissions", handed_over)[0] == 0
    graded = []

    def spy(jobs, workers, place):
        graded.extend(job.student for job in jobs)
        return iter(())

    monkeypatch.setattr(classroom, "grade_all", spy)
    status, out, _ = run("grade", LAB)
    assert (status, graded) == (0, [])
    assert "15 / 20" in out


@needs_sandbox
def test_what_has_changed_is_run_again(built, run, handed_over, tiny_notebooks):
    run("grade", LAB, "--submissions", handed_over)
    before = {
        name: (built.root / "results" / LAB / f"{name}.json").stat().st_mtime_ns
        for name in ("ana", "bo")
    }
    (built.submitted / "bo" / LAB / f"{LAB}.ipynb").write_bytes(data_of(solved(tiny_notebooks)))
    _, out, _ = run("grade", LAB)
    after = {
        name: (built.root / "results" / LAB / f"{name}.json").stat().st_mtime_ns
        for name in ("ana", "bo")
    }
    assert after["ana"] == before["ana"]
    assert after["bo"] > before["bo"]
    assert out.count("15 / 20") == 2


@needs_sandbox
def test_a_grader_that_is_killed_goes_on_where_it_stopped(built, tmp_path, tiny_notebooks):
    folder = tmp_path / "handed over"
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(1)", at=2)
    for number in range(4):
        (folder / f"s{number}").mkdir(parents=True)
        (folder / f"s{number}" / f"{LAB}.ipynb").write_bytes(data_of(slow))
    command = [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        LAB,
        "--submissions",
        str(folder),
        "--jobs",
        "1",
    ]
    command += ["--csv", str(tmp_path / "out.csv")]
    with subprocess.Popen(
        command, cwd=built.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as grader:
        results = built.root / "results" / LAB
        while not list(results.glob("s*.json")):
            assert grader.poll() is None
            time.sleep(0.05)
        os.kill(grader.pid, signal.SIGKILL)
    kept = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert 1 <= len(kept) < 4
    assert not list(results.glob("*.part"))
    subprocess.run(command, cwd=built.home, check=True, capture_output=True)
    assert [row["score"] for row in table(tmp_path / "out.csv")] == ["15"] * 4
    for name, time_then in kept.items():
        assert (results / name).stat().st_mtime_ns == time_then


def test_mistakes_are_one_sentence_and_exit_2(run, tmp_path):
    for arguments, told in (
        (("grade", "lab9"), "no lab called 'lab9'"),
        (("grade", LAB, "--submissions", tmp_path / "nowhere"), "does not exist"),
        (("grade", LAB), "collect first"),
        (("collect", LAB, tmp_path / "nowhere"), "does not exist"),
        (("audit", LAB), "no bank"),
    ):
        if choice.why_not() and arguments[0] in ("grade", "audit"):
            told = "bubblewrap"
        status, _, err = run(*arguments)
        assert status == 2, arguments
        assert told in err
        assert "Traceback" not in err


def test_wrong_usage_exits_2(run):
    assert run("grade")[0] == 2
    assert run("grade", LAB, "--jobs", "0")[0] == 2
    assert run("nonsense")[0] == 2


def test_outside_a_course_it_says_so(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    status, _, err = run("grade", LAB)
    assert (status, "no course.toml" in err) == (2, True)


def test_without_a_sandbox_it_refuses_unless_told_to_trust(run, handed_over, monkeypatch):
    monkeypatch.setattr(choice, "why_not", lambda: "bubblewrap is not there: install it")
    (handed_over / "cy" / "notes.txt").unlink()
    (handed_over / "cy").rmdir()
    status, _, err = run("grade", LAB, "--submissions", handed_over)
    assert status == 2
    assert "install it" in err
    assert "--trust-submissions" in err
    status, out, err = run("grade", LAB, "--submissions", handed_over, "--trust-submissions")
    assert status == 0
    assert "15 / 20" in out
    assert "without a sandbox" in err


def test_collect_tells_what_it_took_and_left(run, built, handed_over):
    (handed_over / "roster.csv").write_text("x")
    status, out, _ = run("collect", LAB, handed_over)
    assert status == 0
    assert "collected 3 submissions" in out
    assert "put aside: roster.csv" in out
    assert (built.submitted / "bo" / LAB / f"{LAB}.ipynb").is_file()


def test_a_disk_that_is_full_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "result.json"
    store.write(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="make room on the disk"):
        store.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
