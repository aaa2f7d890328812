"""Which repository the badge and the set-up cell name: the public one of course.toml, and no other."""

import dataclasses
import importlib.util
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest

from autograder.build import build
from autograder.build.colab import HEAD_IDS, head
from autograder.build.lectures import lecture_names
from autograder.course import Course, CourseError, load_course
from tests.autograder.tiny import LAB, LECTURE, copy_course, quiet

ROOT = Path(__file__).parents[2]
PINNED = 'repository = "someone/tiny-course"'
BUNDLE = dataclasses.replace(load_course(ROOT), repository="owner/course", branch="2026")


def cells(course: Course, name: str = LAB) -> list:
    folder = course.lab_notebooks if name == LAB else course.lecture_notebooks
    return nbformat.read(folder / f"{name}.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("original") / "course")
    assert build(course, report=quiet).ok
    return course


@pytest.mark.parametrize("name", [LAB, LECTURE])
def test_badge_and_set_up_come_first_and_name_the_repository(original, name):
    badge, set_up = cells(original, name)[:2]
    place = f"notebooks/{'labs' if name == LAB else 'lectures'}/{name}.ipynb"
    assert f"colab.research.google.com/github/someone/tiny-course/blob/main/{place}" in badge.source
    assert "git+https://github.com/someone/tiny-course@main" in set_up.source
    assert (badge.id, set_up.id) == HEAD_IDS


@pytest.mark.parametrize("name", [*BUNDLE.labs, *lecture_names(BUNDLE)])
def test_every_notebook_of_the_course_gets_a_badge_that_opens_it_in_the_public_repository(name):
    """The address is the notebook's own place, which is the same in the project and in the bundle."""
    folder = BUNDLE.lab_notebooks if name in BUNDLE.labs else BUNDLE.lecture_notebooks
    notebook = folder / f"{name}.ipynb"
    assert notebook.is_file()
    badge, set_up = head(BUNDLE, notebook)
    address = (
        "https://colab.research.google.com/github/owner/course/blob/2026/notebooks/"
        f"{folder.name}/{name}.ipynb"
    )
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    assert badge.source == f"[![Open in Colab]({image})]({address})"
    assert "git+https://github.com/owner/course@2026" in set_up.source
    compile(set_up.source, "set-up", "exec")


def test_the_remote_of_the_project_is_not_taken_for_the_public_repository(tmp_path):
    """A project on GitHub holds solutions: students can't read it, and should not be led there."""
    course = copy_course(tmp_path / "course", settings=(PINNED, 'repository = ""'))
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/a/b.git"]):
        subprocess.run(["git", "-C", str(course.home), *command], check=True)
    assert load_course(course.home).repository == ""


@pytest.mark.parametrize("name", ["https://github.com/owner/course", "course", "owner/", "a/b c"])
def test_what_is_no_owner_and_name_is_refused_with_an_example(tmp_path, name):
    with pytest.raises(CourseError, match=r'is no "owner/name" .* repository = "jane/vision"'):
        copy_course(tmp_path / "course", settings=(PINNED, f'repository = "{name}"'))


def test_naming_the_repository_later_changes_the_head_and_runs_no_lecture(original, tmp_path):
    import shutil

    later = copy_course(tmp_path / "course", settings=(PINNED, 'repository = "owner/public"'))
    for folder in ("labs", "lectures"):
        shutil.copytree(original.home / "notebooks" / folder, later.home / "notebooks" / folder)
    assert len(build(later, check=True).differs) == 2
    said = []
    assert build(later, [LECTURE], report=said.append).ok
    assert said == []
    assert "github/owner/public/blob" in cells(later, LECTURE)[0].source
    assert any(cell.get("outputs") for cell in cells(later, LECTURE))


def test_the_branch_of_the_settings_is_opened_and_installed(tmp_path):
    course = copy_course(tmp_path / "course", settings=("[limits]", 'branch = "2026"\n[limits]'))
    badge, set_up = head(course, course.lab_notebooks / f"{LAB}.ipynb")
    assert "github/someone/tiny-course/blob/2026/notebooks" in badge.source
    assert "github.com/someone/tiny-course@2026" in set_up.source


class TestSetUpCell:
    """Run in this process, with pip and Colab pretended; tests/colab runs it in Colab's environment."""

    @pytest.fixture
    def set_up(self, original) -> str:
        return cells(original)[1].source

    @pytest.fixture
    def without_address(self, original) -> str:
        nowhere = dataclasses.replace(original, repository="")
        (cell,) = head(nowhere, original.lab_notebooks / f"{LAB}.ipynb")
        return cell.source

    @pytest.fixture
    def pip(self, monkeypatch) -> list[list[str]]:
        """Commands that the cell ran; what pip answers may be put into `pip.answer`."""

        class Commands(list):
            answer = types.SimpleNamespace(returncode=0, stderr="")

        commands = Commands()

        def run(command, **_):
            commands.append(command)
            return commands.answer

        monkeypatch.setattr(subprocess, "run", run)
        return commands

    @pytest.fixture
    def nothing_installed(self, monkeypatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    @pytest.fixture
    def on_colab(self, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))

    @pytest.mark.usefixtures("on_colab")
    def test_does_nothing_where_the_package_is_installed(self, set_up, without_address, pip):
        exec(set_up, {})
        exec(without_address, {})
        assert pip == []

    @pytest.mark.usefixtures("on_colab", "nothing_installed")
    def test_installs_from_the_repository_on_colab_and_replaces_nothing(self, set_up, pip):
        exec(set_up, {})
        assert [command[-1] for command in pip] == [
            "git+https://github.com/someone/tiny-course@main"
        ]
        assert not {"-U", "--upgrade", "--force-reinstall"} & set(pip[0])

    @pytest.mark.usefixtures("nothing_installed")
    def test_elsewhere_it_installs_nothing_and_says_how(self, set_up, without_address, pip):
        for source in (set_up, without_address):
            assert "pip install ." in failure_of(source)
        assert pip == []

    @pytest.mark.usefixtures("on_colab", "nothing_installed")
    def test_what_pip_could_not_do_is_told_with_the_remedy_and_no_traceback(self, set_up, pip):
        pip.answer = types.SimpleNamespace(returncode=1, stderr="fatal: repository not found")
        said = failure_of(set_up)
        assert "https://github.com/someone/tiny-course" in said
        assert "run this cell again" in said
        assert "private" in said
        assert "%pip install ./NAME.zip" in said
        assert said.endswith("fatal: repository not found")

    @pytest.mark.usefixtures("on_colab", "nothing_installed")
    def test_without_an_address_colab_is_told_to_take_the_bundle(self, without_address, pip):
        said = failure_of(without_address)
        assert "Upload the course's .zip" in said
        assert "%pip install ./NAME.zip" in said
        assert pip == []


def failure_of(source: str) -> str:
    """What IPython shows of the cell's failure: the text that the exception gives for its traceback."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  its class is the cell's own
        exec(source, {})
    assert type(caught.value).__name__ == "NotSetUp"
    (shown,) = caught.value._render_traceback_()
    return shown
