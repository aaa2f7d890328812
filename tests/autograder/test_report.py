"""The instructor's page: what the class did, what needs a look, and which scores a regrade changed."""

from __future__ import annotations

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.build import ensure_built
from autograder.classroom import grade_class
from autograder.course import CourseError, load_course
from autograder.histogram import histogram
from autograder.regrade import changes, remember
from autograder.report import write_report
from autograder.sandbox import bubblewrap
from autograder.standing import standing
from tests.autograder.graded_class import hand_in, result_of, stands
from tests.autograder.handed_in import data_of, solved
from tests.autograder.test_record import give
from tests.autograder.tiny import LAB, edit, quiet

MEAN = "add the numbers up and divide by how many there are"


@pytest.fixture
def reported(built, tiny_notebooks) -> str:
    """The report of a class in which something of everything happened."""
    work = solved(tiny_notebooks)
    hand_in(built, result_of("ana", seconds=9.5, memory_mb=777), work)
    hand_in(built, result_of("bo", {"test_mean": f"✗ A promise.\n  {MEAN}"}), work)
    hand_in(built, result_of("cy", {"test_mean": MEAN}, flags=["cell 2 reads <frames>"]), work)
    hand_in(
        built, result_of("di", limits=["cell `mean` ran longer"], repairs=["was Latin-1"]), work
    )
    none = {"status": "unreadable", "reason": "the file is empty", "checks": [], "score": 0.0}
    hand_in(built, result_of("ed", **none), b"")
    (built.root / "aside" / LAB).mkdir(parents=True)
    (built.root / "aside" / LAB / "why.txt").write_text("roster.csv: it is no notebook\n")
    (built.submitted / "fay" / LAB).mkdir(parents=True)
    (built.submitted / "fay" / LAB / f"{LAB}.ipynb").write_bytes(b"{}")
    return write_report(stands(built)).read_text(encoding="utf-8")


def test_the_report_tells_what_happened(reported, built):
    for part in (
        "Two small functions: how the class did",
        "Handed in since the last grading: fay",
        "Points of 5 students: 1 with 0 to under 2, 2 with 8 to under 10, 2 with 14 to under 16.",
        "<strong>cy</strong>: cell 2 reads &lt;frames&gt;",
        "<strong>ed</strong>: the file is empty",
        "roster.csv: it is no notebook",
        "<strong>di</strong>: cell `mean` ran longer",
        "<strong>di</strong>: was Latin-1",
        "<strong>ana</strong>: 9.5 s",
        "<strong>ana</strong>: 777 MB at most",
    ):
        assert part in reported, part
    assert (built.root / "reports" / f"{LAB}.html").is_file()


def test_each_check_has_its_pass_rate_and_commonest_diagnosis(reported):
    row = next(part for part in reported.split("<tr>") if "<code>test_mean" in part)
    assert "2 of 4" in row
    assert re.search(rf"2 ×</span> {MEAN}", row)
    assert "A promise" not in row  # the diagnosis says it without
    assert "0 of 4 read" in reported


def test_the_report_is_one_file_that_loads_nothing(reported):
    assert not re.search(r'(src|href)="(?!#|\.\./feedback)', reported)
    assert reported.count("<script>") == 1
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", reported)


def test_a_report_of_nothing_is_a_mistake(built):
    with pytest.raises(CourseError, match=f"nothing of {LAB} is graded yet: run `autograder grade"):
        standing(built, LAB)


@given(st.lists(st.floats(0, 20), max_size=30))
def test_the_histogram_counts_everybody_once(scores):
    drawn = histogram(scores, 20)
    assert sum(bar["count"] for bar in drawn["bars"]) == len(scores)
    assert all(bar["y"] + bar["height"] == pytest.approx(200) for bar in drawn["bars"])


def test_a_change_is_told_with_the_check_and_why(built, tiny_notebooks):
    for key, handed_in, failed in (
        ("k1", "h1", {"test_mean": MEAN}),
        ("k1", "h1", {"test_mean": MEAN}),
        ("k2", "h1", {}),
        ("k3", "h2", {"test_doubled": "x"}),
        ("k3", "h2", {}),
    ):
        remember(built, LAB, result_of("ana", failed, key=key, handed_in=handed_in))
    found = changes(built, LAB)
    told = {one.why: one.checks for one in found}
    assert len(found) == 3
    assert told["the lab or the grader changed"] == [("test_mean", 0.0, 7)]
    assert told["another notebook was handed in"] == [("test_doubled", 5, 0.0)]
    assert told["the same work was graded again and came out otherwise: look at both"] == [
        ("test_doubled", 0.0, 5)
    ]


def test_half_a_line_of_a_killed_grader_costs_only_itself(built):
    remember(built, LAB, result_of("ana", {"test_mean": MEAN}))
    history = built.root / "results" / LAB / "history.jsonl"
    with history.open("ab") as file:
        file.write(b'{"student": "an')
    remember(built, LAB, result_of("ana", key="k2"))
    assert [one.checks for one in changes(built, LAB)] == [[("test_mean", 0.0, 7)]]


needs_sandbox = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)


@needs_sandbox
def test_a_corrected_check_changes_only_the_scores_that_it_should(built, tiny_notebooks):
    """The check was too strict: it refused a mean that is right but for rounding."""
    edit(built.home, "lab", "- 3) < 1e-9", "- 3) < 1e-9 and mean([1, 2, 6]) == 3.0")
    course = load_course(built.home)
    ensure_built(course, LAB, quiet)
    nearly = (
        "def mean(values):\n    return sum(values) / len(values) + 1e-12 if values else math.nan"
    )
    wrong = "def mean(values):\n    return 0"
    for student, codes in {"ana": {}, "bo": {"mean": nearly}, "cy": {"mean": wrong}}.items():
        folder = course.submitted / student / LAB
        folder.mkdir(parents=True)
        (folder / f"{LAB}.ipynb").write_bytes(data_of(solved(tiny_notebooks, **codes)))
    students = ["ana", "bo", "cy"]
    before = grade_class(course, LAB, students, report=quiet)
    assert [one.score for one in before] == [15, 8, 8], [one.reason for one in before]
    give(course, "bo", "written", 4)

    edit(built.home, "lab", " and mean([1, 2, 6]) == 3.0", "")
    after = grade_class(load_course(built.home), LAB, students, report=quiet)
    assert [one.score for one in after] == [15, 19, 8]
    found = changes(course, LAB)
    assert [(one.after.student, one.checks) for one in found] == [("bo", [("test_mean", 0.0, 7.0)])]
    text = write_report(standing(course, LAB)).read_text()
    assert "<strong>bo</strong>: 8 → 15 points" in text
    assert "test_mean 0 → 7 (the lab or the grader changed)" in text
    grade_class(load_course(built.home), LAB, students, report=quiet)
    assert changes(course, LAB) == found  # grading once more changes nothing


def test_the_commands_write_their_files_and_exit_0(run, built, tiny_notebooks, tmp_path):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    give(built, "ana", "written", 4)
    assert run("feedback", LAB)[0] == 0
    assert run("report", LAB)[0] == 0
    assert (
        f"../feedback/ana/{LAB}/{LAB}.html" in (built.root / "reports" / f"{LAB}.html").read_text()
    )
    status, out, _ = run("export", LAB, "--format", "csv", "--to", tmp_path / "scores.csv")
    assert (status, "written: " in out) == (0, True)
    with (tmp_path / "scores.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student"], row["score"], row["written"]) == ("ana", "19", "4")
    assert run("export", LAB, "--format", "gradescope", "--to", tmp_path / "gs")[0] == 0
    assert (tmp_path / "gs" / "ana" / "results.json").is_file()


def test_who_is_left_out_is_said_and_exits_1(run, built, tiny_notebooks, tmp_path):
    for student in ("ana", "zoe"):
        hand_in(built, result_of(student), solved(tiny_notebooks))
    roster = tmp_path / "roster.csv"
    text = "Student,ID,SIS Login ID,Section,Two small functions (5)\nA,1,ana,S,\nB,2,bo,S,\n"
    roster.write_text(text)
    status, out, err = run("export", LAB, "--format", "canvas", "--roster", roster)
    assert status == 1
    assert "no result, left as they were: B" in out
    assert "2 scores" not in out
    assert "1 score without the written answer, which nobody has read yet: ana" in out
    assert "graded, but not in the roster: zoe (15 points)" in err
    assert "A,1,ana,S,15\n" in (built.root / "exports" / f"{LAB}-canvas.csv").read_text()
    assert roster.read_text() == text


def test_not_graded_yet_is_said_and_exits_1(run, built, tiny_notebooks):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    (built.submitted / "ana" / LAB / f"{LAB}.ipynb").write_bytes(b"another")
    for command in ("feedback", "report"):
        status, _, err = run(command, LAB)
        assert (status, f"not graded yet: ana: run `autograder grade {LAB}`" in err) == (1, True)


def test_mistakes_are_one_sentence_and_exit_2(run, built, tiny_notebooks, tmp_path):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    for arguments, told in (
        (("feedback", "lab9"), "no lab called 'lab9'"),
        (("export", LAB, "--format", "excel"), "there are: csv, canvas, moodle, gradescope"),
        (("export", LAB, "--format", "canvas"), "canvas needs --roster FILE: in Canvas, open"),
        (("export", LAB, "--format", "csv", "--roster", "x"), "leave it out"),
        (("export", LAB, "--format", "moodle", "--roster", tmp_path / "x"), "can't read"),
    ):
        status, _, err = run(*arguments)
        assert status == 2, arguments
        assert told in err.replace("\n", " ")
        assert "Traceback" not in err
