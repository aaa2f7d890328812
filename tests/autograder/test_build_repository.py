"""Which repository the badge and the set-up cell name, and that no clone disagrees about it."""

import importlib.util
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest

from autograder.build import build
from autograder.course import Course, load_course
from tests.autograder.tiny import LAB, LECTURE, copy_course, quiet
from tests.real import real

UNPINNED = ('repository = "someone/tiny-course"', 'repository = ""')


def clone(folder: Path, remote: str | None) -> Course:
    """A clone of the tiny course, with this remote `origin`, that leaves the repository open."""
    copy_course(folder, settings=UNPINNED)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    if remote:
        subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", remote], check=True)
    return load_course(folder)


def built(folder: Path, remote: str | None) -> Course:
    course = clone(folder, remote)
    assert build(course, report=quiet).ok
    return course


def take_notebooks(course: Course, to: Course) -> None:
    """What git does: the built notebooks arrive with the sources."""
    import shutil

    for folder in ("labs", "lectures"):
        shutil.copytree(course.home / "notebooks" / folder, to.home / "notebooks" / folder)


def cells(course: Course, name: str = LAB) -> list:
    folder = course.lab_notebooks if name == LAB else course.lecture_notebooks
    return nbformat.read(folder / f"{name}.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Course:
    return built(
        tmp_path_factory.mktemp("original") / "course", "https://github.com/owner/course.git"
    )


@pytest.mark.parametrize(
    "remote",
    [
        "git@github.com:owner/course.git",
        "https://github.com/owner/course/",
        "https://someone:secret@github.com/owner/course.git",
        "ssh://git@github.com/owner/course",
    ],
)
def test_owner_and_name_are_read_from_any_address_of_github(tmp_path, remote):
    assert clone(tmp_path / "course", remote).repository == "owner/course"


@pytest.mark.parametrize(
    "remote", [None, "https://example.org/owner/course.git", "/srv/github.com/course"]
)
def test_another_host_is_no_repository_for_colab(tmp_path, remote):
    assert clone(tmp_path / "course", remote).repository == ""


@pytest.mark.parametrize("name", [LAB, LECTURE])
def test_badge_and_set_up_come_first_and_name_the_remote(original, name):
    badge, set_up = cells(original, name)[:2]
    folder = "labs" if name == LAB else "lectures"
    assert (
        f"colab.research.google.com/github/owner/course/blob/main/notebooks/{folder}/{name}.ipynb"
        in badge.source
    )
    assert "git+https://github.com/owner/course" in set_up.source


@pytest.mark.parametrize(
    "remote", ["https://github.com/somebody/fork.git", "https://example.org/a/b", None]
)
def test_check_passes_in_every_clone(original, tmp_path, remote):
    other = clone(tmp_path / "course", remote)
    take_notebooks(original, other)
    assert build(other, check=True).ok


def test_a_build_without_a_remote_keeps_what_the_notebooks_name(original, tmp_path):
    other = clone(tmp_path / "course", None)
    take_notebooks(original, other)
    result = build(other, report=quiet)
    assert (result.ok, result.written) == (True, [])


def test_a_build_in_a_fork_takes_the_fork_over_without_running_the_lecture(original, tmp_path):
    fork = clone(tmp_path / "course", "https://github.com/somebody/fork.git")
    take_notebooks(original, fork)
    said = []
    assert build(fork, [LECTURE], report=said.append).ok
    assert said == []
    assert "github/somebody/fork/blob" in cells(fork, LECTURE)[0].source
    assert any(cell.get("outputs") for cell in cells(fork, LECTURE))


def test_a_pinned_repository_is_law(original, tmp_path):
    pinned = copy_course(tmp_path / "course")
    take_notebooks(original, pinned)
    assert len(build(pinned, check=True).differs) == 2


def test_a_pinned_repository_and_branch_beat_the_remote(tmp_path):
    folder = tmp_path / "course"
    clone(folder, "https://github.com/somebody/fork.git")
    settings = folder / "course.toml"
    settings.write_text(
        settings.read_text()
        .replace(*UNPINNED[::-1])
        .replace("[limits]", 'branch = "2026"\n[limits]')
    )
    course = load_course(folder)
    build(course, [LAB], report=quiet)
    assert "github/someone/tiny-course/blob/2026/notebooks" in cells(course)[0].source


def test_where_no_repository_is_known_there_is_no_badge_and_the_set_up_says_how_to_install(
    tmp_path, capsys, monkeypatch
):
    course = built(tmp_path / "course", None)
    first, second = cells(course)[:2]
    assert "colab" not in first.source
    assert second.cell_type == "markdown"
    exec(first.source, {})
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    exec(first.source, {})
    assert "pip install" in capsys.readouterr().out


class TestSetUpCell:
    @pytest.fixture
    def ran(self, monkeypatch) -> list[list[str]]:
        """Commands that the cell ran."""
        commands: list[list[str]] = []
        monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
        return commands

    def test_does_nothing_outside_colab(self, original, ran, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        exec(cells(original)[1].source, {})
        assert ran == []

    def test_installs_the_package_once_on_colab(self, original, ran, monkeypatch):
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
        exec(cells(original)[1].source, {})
        assert ran == []  # course_utils is installed here
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        exec(cells(original)[1].source, {})
        assert [command[-1] for command in ran] == ["git+https://github.com/owner/course"]
        assert not {"-U", "--upgrade", "--force-reinstall"} & set(ran[0])


@pytest.mark.real
def test_what_the_set_up_cell_installs_replaces_nothing_that_colab_has():
    """pip leaves alone what satisfies a requirement, so each must be satisfied by what is there."""
    import tomllib

    from packaging.requirements import Requirement

    there = dict(
        line.strip().lower().split("==")
        for line in real("colab", "pip-freeze.txt").read_text().splitlines()
        if "==" in line
    )
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert wanted.specifier.contains(there[wanted.name], prereleases=True), wanted
