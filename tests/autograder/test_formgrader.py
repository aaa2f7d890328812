"""nbgrader's own ways to grade go through the sandbox and the checker, or refuse; never past them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.build.register import write_config
from autograder.sandbox import bubblewrap
from tests.autograder.handed_in import data_of, solved
from tests.autograder.tiny import LAB

needs_sandbox = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)


@pytest.fixture
def handed_in(built, tiny_notebooks):
    """The built course with three submissions in it."""
    for student, notebook in {
        "ana": data_of(solved(tiny_notebooks)),
        "bo": data_of(solved(tiny_notebooks, mean="def mean(values):\n    return 0")),
        "cy": b"nonsense",
    }.items():
        folder = built.submitted / student / LAB
        folder.mkdir(parents=True)
        (folder / f"{LAB}.ipynb").write_bytes(notebook)
    write_config(built)
    return built


def nbgrader(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command line as somebody types it in the course folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PATH": path, **environment},
    )


def scores(course) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as book:
        return {one.student.id: one.score for one in book.assignment_submissions(LAB)}


@needs_sandbox
def test_nbgrader_autograde_in_the_course_folder_grades_our_way(handed_in):
    done = nbgrader(handed_in.root, "autograde", LAB)
    assert done.returncode == 0, done.stderr
    assert scores(handed_in) == {"ana": 15, "bo": 8, "cy": 0}
    assert "ana: 15 of 20 points, needs-manual" in done.stderr
    assert "bo: test_mean: add the numbers up" in done.stderr
    assert "cy: " in done.stderr
    # the sandbox was there: only then is there a result beside nbgrader's own files
    assert (handed_in.root / "results" / LAB / "ana.json").is_file()


@needs_sandbox
def test_one_student_and_then_only_what_changed_unless_forced(handed_in):
    assert nbgrader(handed_in.root, "autograde", LAB, "--student", "bo").returncode == 0
    assert scores(handed_in) == {"bo": 8}
    again = nbgrader(handed_in.root, "autograde", LAB, "--student", "bo")
    assert "unchanged since it was graded last" in again.stderr
    forced = nbgrader(handed_in.root, "autograde", LAB, "--student", "bo", "--force")
    assert "unchanged" not in forced.stderr
    assert scores(handed_in) == {"bo": 8}


@needs_sandbox
def test_nbgrader_generate_feedback_writes_our_pages(handed_in):
    nothing = nbgrader(handed_in.root, "generate_feedback", LAB)
    assert (nothing.returncode, "nothing of tiny is graded yet" in nothing.stderr) == (1, True)
    assert nbgrader(handed_in.root, "autograde", LAB).returncode == 0
    done = nbgrader(handed_in.root, "generate_feedback", LAB, "--student", "bo")
    assert done.returncode == 0, done.stderr
    page = handed_in.feedback / "bo" / LAB / f"{LAB}.html"
    assert "add the numbers up and divide by how many there are" in page.read_text(encoding="utf-8")
    assert not (handed_in.feedback / "ana").exists()


@needs_sandbox
def test_the_formgraders_call_answers_with_what_its_log_window_shows(handed_in):
    code = f"""
import json, os
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
app = NbGrader()
app.initialize([])
api = NbGraderAPI(app.coursedir, app.authenticator, parent=app)
print(json.dumps([api.autograde({LAB!r}, who) for who in ("ana", "nobody")]))
"""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=handed_in.root,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PATH": path},
    )
    right, nobody = json.loads(done.stdout.splitlines()[-1])
    assert right["success"]
    assert "ana: 15 of 20 points, needs-manual" in right["log"]
    assert not nobody["success"]
    assert "nothing of 'nobody'; there is something of: ana, bo, cy" in nobody["log"]
    assert scores(handed_in) == {"ana": 15}


def test_without_a_sandbox_nothing_runs_and_the_log_says_why(handed_in, tmp_path):
    """bubblewrap out of reach: stock nbgrader would go on and run the submission as the instructor."""
    (tmp_path / "bin").mkdir()
    for program in ("sh", "env"):
        (tmp_path / "bin" / program).symlink_to(f"/bin/{program}")
    done = nbgrader(handed_in.root, "autograde", LAB, PATH=str(tmp_path / "bin"))
    assert done.returncode == 1
    assert "no sandbox, so nothing is run" in done.stderr
    assert "bubblewrap" in done.stderr
    assert scores(handed_in) == {}


def test_where_the_grader_cannot_be_loaded_nothing_is_graded(handed_in, tmp_path):
    """Another environment's nbgrader in the course folder: it must not fall back to its own execution."""
    hidden = tmp_path / "hidden" / "autograder"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    done = nbgrader(handed_in.root, "autograde", LAB, PYTHONPATH=str(hidden.parent))
    assert done.returncode == 1
    assert "this course's grader can't be loaded here (ModuleNotFoundError" in done.stderr
    assert scores(handed_in) == {}
    assert not handed_in.autograded.exists()


def test_a_lab_that_the_course_does_not_have_is_a_sentence(handed_in):
    done = nbgrader(handed_in.root, "autograde", "other")
    assert done.returncode == 1
    assert "no lab called 'other'" in done.stderr
