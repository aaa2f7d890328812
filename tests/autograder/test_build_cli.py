"""`autograder build` and `autograder release`: what they say, and their exit status."""

import pytest

from autograder import cli
from tests.autograder.tiny import LAB, LECTURE, copy_course, edit


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command in a copy of the tiny course -> (exit status, stdout, stderr)."""
    course = copy_course(tmp_path / "course")
    monkeypatch.chdir(course.home)

    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(lambda: cli.app(list(words)))
        return int(left.value.code or 0), *capsys.readouterr()

    command.course = course
    return command


def test_build_then_check(run):
    status, _, complaint = run("build", "--check")
    assert status == 1
    assert f"notebooks/labs/{LAB}.ipynb is not built: run `autograder build`" in complaint
    status, said, _ = run("build")
    assert status == 0
    assert f"{LAB}: solved it earns 15 of 15 automatic points" in said
    assert run("build", "--check")[0] == 0
    edit(run.course.home, "lecture", "1000", "2000")
    status, _, complaint = run("build", "--check")
    assert (status, LECTURE in complaint, f"labs/{LAB}" in complaint) == (1, True, False)


def test_a_refusal_is_status_1_and_a_mistyped_name_2(run):
    edit(run.course.home, "lab", "def mean(values):", "def average(values):")
    status, _, complaint = run("build", LAB)
    assert status == 1
    assert f"refused: {LAB}, cell 'mean': must hold" in complaint
    assert run("build", "lab9") == (
        2,
        "",
        f"autograder: no lab or lecture called 'lab9'; there are: {LAB}, {LECTURE}\n",
    )
    assert run("release", LAB, "--to", "bundle")[0] == 1
    assert run("release", "lab9", "--to", "bundle")[0] == 2
    assert not (run.course.home / "bundle").exists()
