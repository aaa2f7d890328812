"""`autograder new`: what it writes works as it is, and what it can't write leaves no trace."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli
from autograder.bank import read_bank
from autograder.build import build, make_lab
from autograder.build.student import text_of
from autograder.course import CourseError, load_course
from autograder.new import course_here, new_lab
from autograder.sandbox import choice
from tests.autograder.tiny import LAB as TINY
from tests.autograder.tiny import edit

ROOT = Path(__file__).parents[2]
LAB = "lab7_own_idea"
needs_sandbox = pytest.mark.skipif(
    choice.why_not() is not None, reason=f"no sandbox here: {choice.why_not()}"
)
SETTINGS = """\
# What I noted at the top.
[course]
id = "own"   # and here

[labs.lab3_old]
title = "An old one"
points = 10  # half of the others
"""


@pytest.fixture
def home(tmp_path) -> Path:
    """The folder of a course that has nothing but its settings."""
    return course_in(tmp_path / "course")


def course_in(folder: Path, settings: str = SETTINGS) -> Path:
    folder.mkdir()
    (folder / "course.toml").write_text(settings, encoding="utf-8", newline="")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file and (with nothing in it) every folder below this one."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def refused(home: Path, **arguments: str) -> str:
    """What the refusal says; nothing may have been written then."""
    before = contents(home)
    with pytest.raises(CourseError) as error:
        new_lab(load_course(home), **{"name": LAB, **arguments})
    assert contents(home) == before
    return str(error.value)


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Path:
    """One such folder for a class of tests, each of which goes on where the one before it ended."""
    return course_in(tmp_path_factory.mktemp("own") / "course")


class TestAsItIs:
    """A new lab in a course with nothing else in it, from `new` to scores."""

    @pytest.fixture
    def run(self, own, monkeypatch, capsys):
        """(arguments) -> (exit status, stdout, stderr) of the command line, in the course's folder."""
        monkeypatch.chdir(own)

        def run(*arguments: object) -> tuple[int, str, str]:
            monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
            try:
                cli.main()
                status = 0
            except SystemExit as ended:
                status = ended.code or 0
            return (status, *capsys.readouterr())

        return run

    def test_new_says_what_it_wrote_and_what_comes_next(self, run, own):
        status, out, _ = run("new", LAB)
        assert status == 0
        for path in (
            f"notebooks/source/labs/{LAB}.py",
            f"tests/banks/{LAB}/standardise.py",
            "notebooks/source/jupytext.toml",
        ):
            assert f"written: {path}" in out
            assert (own / path).is_file()
        for command in (f"build {LAB}", f"audit {LAB}", f"grade {LAB} --submissions DIR"):
            assert f"autograder {command}" in out

    def test_it_builds(self, run):
        status, out, err = run("build", LAB)
        assert (status, err) == (0, "")
        assert f"{LAB}: solved it earns 15 of 15 automatic points" in out

    @needs_sandbox
    def test_its_bank_is_told_apart(self, run):
        status, out, _ = run("audit", LAB)
        assert "18 wrong and 4 right versions, in 22 notebooks; 0 not as they should be" in out
        assert status == 0

    @needs_sandbox
    def test_the_solution_earns_everything_and_the_stub_nothing(self, run, own, tmp_path):
        notebooks = make_lab(load_course(own), LAB)
        for student, notebook in (("ana", notebooks.instructor), ("bo", notebooks.student)):
            (tmp_path / "in" / student).mkdir(parents=True)
            path = tmp_path / "in" / student / f"{LAB}.ipynb"
            path.write_text(text_of(notebook), encoding="utf-8")
        status, _, _ = run(
            "grade", LAB, "--submissions", tmp_path / "in", "--csv", tmp_path / "scores.csv"
        )
        assert status == 0
        with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as file:
            ana, bo = csv.DictReader(file)
        assert (ana["score"], ana["max_score"], ana["status"]) == ("15", "20", "needs-manual")
        assert (bo["score"], bo["status"]) == ("0", "graded")
        assert "is not written yet" in bo["reason"]


class TestSettings:
    @pytest.mark.parametrize(
        "text",
        [
            SETTINGS,
            SETTINGS.rstrip("\n"),
            SETTINGS.replace("\n", "\r\n"),
            '[course]\nid = "own"\n',
            SETTINGS + "[late]\nper_day = 10\n",
        ],
        ids=["as it is", "no newline at the end", "of Windows", "no labs yet", "late work last"],
    )
    def test_keep_every_byte_and_gain_the_lab(self, tmp_path, text):
        home = course_in(tmp_path / "course", text)
        old = load_course(home).labs
        new_lab(load_course(home), LAB, title='Light, "taken out"')
        settings = (home / "course.toml").read_bytes()
        assert settings.startswith(text.encode())
        assert settings.count(b"\r\n") == (settings.count(b"\n") if "\r\n" in text else 0)
        labs = load_course(home).labs
        assert (labs[LAB].title, labs[LAB].points) == ('Light, "taken out"', 20)
        assert {name: lab for name, lab in labs.items() if name != LAB} == old

    def test_labs_that_are_no_tables_of_their_own_are_refused(self, tmp_path):
        home = course_in(tmp_path / "course", 'labs = {lab1_a = {points = 10}}\n[course]\nid = "a"')
        assert "write each lab there as a table of its own, [labs.NAME]" in refused(home)

    def test_points_in_them_are_those_of_the_cells(self, home):
        new_lab(load_course(home), LAB)
        make_lab(load_course(home), LAB)  # raises BuildRefused where they differ

    def test_where_there_are_none_the_refusal_says_what_they_hold(self, tmp_path):
        with pytest.raises(CourseError, match=r'(?s)no course\.toml in .*\[course\]\nid = "my-'):
            course_here(tmp_path)

    def test_what_the_refusal_says_is_enough(self, tmp_path):
        with pytest.raises(CourseError) as error:
            course_here(tmp_path)
        home = course_in(tmp_path / "course", str(error.value).split("at least\n")[1])
        new_lab(course_here(home), "lab1_first")
        make_lab(load_course(home), "lab1_first")


class TestRefusals:
    @pytest.mark.parametrize(
        "name",
        [
            *("lab7-own", "Lab7_own", "lab7_Own", "lab7_übung", "lab7_", "lab_own", "lab07_own"),
            *("7_own", "lab7 own", "lab7_own\n", "../lab7_own", "lab7__own", "lab7_" + 36 * "x"),
        ],
    )
    def test_names_that_would_not_do(self, home, name):
        says = refused(home, name=name)
        assert repr(name) in says
        assert "as lab7_optical_flow" in says

    def test_a_second_lab_of_the_same_number(self, home):
        says = refused(home, name="lab3_new")
        assert "has a lab 3 already, 'lab3_old': take lab4_new" in says

    def test_a_lectures_name(self, home):
        (home / "notebooks/source/lectures").mkdir(parents=True)
        (home / f"notebooks/source/lectures/{LAB}.py").touch()
        assert f"a lecture is called {LAB!r}" in refused(home)

    @pytest.mark.parametrize(
        "function",
        [
            *("not-a-name", "zwölf", "2d", "", "class", "print", "test_it", "written", "x" * 41),
            *("torch", "x", "deviation", "light", "each_channel_of_each_picture"),
        ],
    )
    def test_functions_that_would_not_do(self, home, function):
        assert f"--function {function!r}" in refused(home, function=function)

    @pytest.mark.parametrize("title", ["two\nlines", "\x1b[31mred"])
    def test_titles_that_would_not_do(self, home, title):
        assert "--title" in refused(home, title=title)

    @pytest.mark.parametrize(
        "path",
        [
            f"notebooks/source/labs/{LAB}.py",
            f"notebooks/labs/{LAB}.ipynb",
            f"tests/banks/{LAB}/older.py",
            f"course/source/{LAB}/{LAB}.ipynb",
            f"course/release/{LAB}/{LAB}.ipynb",
            f"course/submitted/ana/{LAB}/{LAB}.ipynb",
        ],
    )
    def test_anything_of_an_earlier_lab_of_that_name(self, home, path):
        (home / path).parent.mkdir(parents=True)
        (home / path).write_text("mine")
        assert "is there already: move it away, or take another name" in refused(home)

    @pytest.mark.parametrize("in_the_way", ["notebooks", "notebooks/source/labs", "tests/banks"])
    def test_a_file_where_a_folder_should_be(self, home, in_the_way):
        (home / in_the_way).parent.mkdir(parents=True, exist_ok=True)
        (home / in_the_way).touch()
        assert "can't be written (Not a directory), so nothing was" in refused(home)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_is_read_only(self, home):
        home.chmod(0o555)
        assert "can't be written (Permission denied), so nothing was" in refused(home)
        home.chmod(0o755)

    def test_settings_that_turn_out_unusable(self, home, monkeypatch):
        course = load_course(home)

        def unusable(home: Path) -> None:
            raise CourseError("unusable")

        before = contents(home)
        monkeypatch.setattr("autograder.new.load_course", unusable)
        with pytest.raises(CourseError, match="unusable"):
            new_lab(course, LAB)
        assert contents(home) == before


def test_a_lab_is_tried_again_when_what_is_withheld_changes(built):
    """Else an afterthought in course.toml would fail a whole class."""
    said: list[str] = []
    assert build(built, [TINY], report=said.append).ok
    assert said == []
    edit(built.home, "settings", "points = 20", 'points = 20\nwithheld = ["kornia"]')
    assert build(load_course(built.home), [TINY], report=said.append).ok
    assert "solved it earns 15 of 15 automatic points" in said[0]


def test_what_python_itself_needs_cannot_be_withheld(tmp_path):
    home = course_in(tmp_path / "course", SETTINGS + 'withheld = ["math"]\n')
    with pytest.raises(CourseError, match="'math', which is a part of Python"):
        load_course(home)


class TestWhatIsWritten:
    def test_the_bank_has_eight_wrong_and_three_right_versions(self, home):
        new_lab(load_course(home), LAB)
        (versions,) = read_bank(home / "tests" / "banks" / LAB).values()
        assert sum(version.right for version in versions) >= 3
        assert sum(not version.right for version in versions) >= 8

    def test_another_function_has_its_name_everywhere(self, home):
        new_lab(load_course(home), LAB, function="even_light")
        notebooks = make_lab(load_course(home), LAB)
        assert "standardise(" not in text_of(notebooks.instructor)
        assert list(read_bank(home / "tests" / "banks" / LAB)) == ["even_light"]

    def test_number_and_title_head_it(self, home):
        new_lab(load_course(home), LAB)
        source = (home / f"notebooks/source/labs/{LAB}.py").read_text(encoding="utf-8")
        assert "\n# # Lab 7 · Own idea\n" in source

    def test_the_solution_is_not_in_the_students_notebook(self, home):
        new_lab(load_course(home), LAB)
        student = text_of(make_lab(load_course(home), LAB).student)
        assert "faint_noise_stays_faint" not in student
        assert "deviation.clamp(" not in student

    @pytest.mark.parametrize("function", ["f", "standardise", "f" * 40])
    def test_it_is_formatted_as_the_project_is(self, home, function):
        ruff = shutil.which("ruff", path=Path(sys.executable).parent)
        if ruff is None:
            pytest.skip("ruff is not installed here")
        new_lab(load_course(home), LAB, function=function)
        source = f"notebooks/source/labs/{LAB}.py"
        for command in (["format", "--check"], ["check"]):
            ran = subprocess.run(
                [ruff, *command, "--config", ROOT / "pyproject.toml", source],
                cwd=home,
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, ran.stdout

    def test_jupytexts_settings_are_the_projects_and_stay_where_there_are_some(self, home):
        new_lab(load_course(home), LAB)
        settings = home / "notebooks" / "source" / "jupytext.toml"
        projects = ROOT / "notebooks" / "source" / "jupytext.toml"
        assert settings.read_text(encoding="utf-8") == projects.read_text(encoding="utf-8")
        settings.write_text("# mine\n")
        new_lab(load_course(home), "lab8_next")
        assert settings.read_text() == "# mine\n"


def test_the_templates_are_in_the_wheel():
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    builder = wheel.WheelBuilder(str(ROOT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    there = {path.name for path in (ROOT / "autograder" / "templates" / "new_lab").iterdir()}
    assert len(there) == 4
    assert {f"autograder/templates/new_lab/{name}" for name in there} <= packed
