"""The student bundle: complete, installable, and without anything of the instructor's."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat
import pytest

from autograder.build import BuildRefused, build, make_lab, release
from autograder.build.bundle import contents, size_of
from autograder.build.rules import regions
from autograder.course import Course, CourseError, load_course
from tests.autograder.tiny import LAB, LECTURE, copy_course, edit, quiet

PROJECT = Path(__file__).parents[2]
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """The tiny course within the project's own packages and settings, built."""
    course = copy_course(tmp_path_factory.mktemp("bundle") / "course")
    for name in ("course_utils", "autograder", "data"):
        shutil.copytree(PROJECT / name, course.home / name, ignore=SKIPPED)
    for name in ("pyproject.toml", "LICENSE", "constraints.txt"):
        shutil.copy(PROJECT / name, course.home / name)
    assert build(course, report=quiet).ok
    return course


@pytest.fixture(scope="module")
def bundle(course) -> Path:
    return release(course, [LAB], course.home.parent / "for students", report=quiet)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_the_notebooks_the_package_and_how_to_install_it(course, bundle):
    held = files(bundle)
    assert {
        "README.md",
        "LICENSE",
        "pyproject.toml",
        "environment.yml",
        "constraints.txt",
        ".gitignore",
        f"notebooks/labs/{LAB}.ipynb",
        f"notebooks/lectures/{LECTURE}.ipynb",
    } <= held
    for folder in ("course_utils", "data"):
        assert {name for name in held if name.startswith(f"{folder}/")} == {
            f"{folder}/{name}" for name in files(course.home / folder)
        }


def test_it_holds_nothing_of_the_grader_and_no_source(bundle):
    for name in files(bundle):
        assert name.split("/")[0] not in ("autograder", "tests", "course", "benchmarks"), name
        assert "source" not in name.split("/")[:2], name
    for name in ("pyproject.toml", "environment.yml", "README.md"):
        assert "autograder" not in (bundle / name).read_text()
        assert "nbgrader" not in (bundle / name).read_text()


def test_it_shows_no_solution_and_no_hidden_test(course, bundle):
    secrets = {
        line.strip()
        for cell in make_lab(course, LAB).instructor.cells
        for kind in ("SOLUTION", "HIDDEN TESTS")
        for region in regions(cell, kind)
        for line in region
        if len(line.strip()) > 15
    }
    assert len(secrets) >= 6
    for name in files(bundle):
        text = (bundle / name).read_bytes().decode("utf-8", "replace")
        assert not [secret for secret in secrets if secret in text], name


def test_its_readme_tells_a_student_what_to_open_and_until_when(bundle):
    text = (bundle / "README.md").read_text()
    assert f"[Two small functions](notebooks/labs/{LAB}.ipynb) | 20 | 2030-01-31 23:59 UTC" in text
    assert f"](notebooks/lectures/{LECTURE}.ipynb)" in text
    for notebook in (f"labs/{LAB}", f"lectures/{LECTURE}"):
        colab = "https://colab.research.google.com/github/someone/tiny-course/blob/main"
        assert f"({colab}/notebooks/{notebook}.ipynb)" in text


def test_its_readme_says_which_zone_a_deadline_is_in(course, tmp_path):
    there = replace(course.lab(LAB), deadline=datetime.fromisoformat("2030-01-31T23:59:00-05:00"))
    (_, text) = next(contents(replace(course, labs={LAB: there}), [LAB]))
    assert "| 2030-01-31 23:59 UTC-05:00 |" in text.decode()
    never = replace(course.lab(LAB), deadline=None)
    (_, text) = next(contents(replace(course, labs={LAB: never}, repository=""), [LAB]))
    assert f"(notebooks/labs/{LAB}.ipynb) | 20 | – |" in text.decode()
    assert "Colab" not in text.decode()


def test_no_link_of_its_pages_leads_out_of_it():
    files = dict(contents(load_course(PROJECT), ["lab1_adversarial"]))
    assert "docs/student.md" in files
    for page in [path for path in files if path.endswith(".md")]:
        links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", files[page].decode())
        for link in links:
            there = os.path.normpath(Path(page).parent / link)
            if not there.startswith("notebooks/labs/"):  # of the labs only those that are released
                assert there in files or any(name.startswith(f"{there}/") for name in files), (
                    f"{page}: {link}"
                )


def test_its_constraints_name_the_versions_that_the_tests_ran_with(bundle):
    kept = (bundle / "constraints.txt").read_text().splitlines()
    assert set(kept) < set((PROJECT / "constraints.txt").read_text().splitlines())
    project = tomllib.loads((bundle / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    assert sorted(line.split("==")[0] for line in kept) == sorted(
        re.split(r"[^\w-]", line, maxsplit=1)[0] for line in needed
    )


def test_the_size_that_is_told_is_that_of_what_was_written(course, bundle, tmp_path):
    lab = release(course, [LAB], tmp_path / "lab.zip", report=quiet)
    assert size_of(lab) == f"{round(lab.stat().st_size / 1e6)} MB"
    assert (
        size_of(bundle)
        == f"{round(sum(p.stat().st_size for p in bundle.rglob('*') if p.is_file()) / 1e6)} MB"
    )


def test_its_environment_is_the_projects_without_the_grader(bundle):
    ours = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    theirs = tomllib.loads((bundle / "pyproject.toml").read_text())
    for key in ("name", "version", "requires-python", "dependencies"):
        assert theirs["project"][key] == ours[key]
    assert set(theirs["project"]["optional-dependencies"]) == {"lab"}
    assert not {"scripts", "entry-points"} & set(theirs["project"])
    assert theirs["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["course_utils"]


def test_the_package_imports_from_the_bundle_alone(bundle):
    code = "import sys; sys.modules['autograder'] = None; import course_utils; print(course_utils.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bundle,
        env={**os.environ, "PYTHONPATH": str(bundle)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(bundle))


def test_it_builds_into_a_wheel_of_course_utils_and_its_data(bundle, tmp_path):
    pytest.importorskip("hatchling", reason="the build back end is not installed here")
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    code = "from hatchling.build import build_wheel; print(build_wheel('dist'))"
    subprocess.run([sys.executable, "-c", code], cwd=copy, check=True, capture_output=True)
    (wheel,) = (copy / "dist").glob("*.whl")
    inside = {
        name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name
    }
    assert inside == {"course_utils"}


def test_a_zip_holds_the_same_and_is_the_same_each_time(course, bundle, tmp_path):
    first = release(course, [LAB], tmp_path / "lab.zip", report=quiet)
    again = release(course, [LAB], tmp_path / "again" / "lab.zip", report=quiet)
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {name.removeprefix("lab/") for name in archive.namelist()} == files(bundle)
        archive.extractall(tmp_path / "unpacked")
    notebook = tmp_path / "unpacked" / "lab" / "notebooks" / "labs" / f"{LAB}.ipynb"
    nbformat.validate(nbformat.read(notebook, as_version=4))


def test_places_in_use_are_left_alone(course, bundle, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CourseError, match="already, not empty, and no release wrote it"):
        release(course, [LAB], tmp_path)
    with pytest.raises(CourseError, match="is a file: name a folder"):
        release(course, [LAB], tmp_path / "file")
    with pytest.raises(CourseError, match="no lab was named"):
        release(course, [], tmp_path / "new")
    with pytest.raises(CourseError, match="no lab called 'lab9'"):
        release(course, ["lab9"], tmp_path / "new")
    assert files(tmp_path) == {"file"}


def test_what_the_build_refuses_is_not_released(course, tmp_path):
    spoilt = copy_course(tmp_path / "course")
    for folder in ("labs", "lectures"):
        shutil.copytree(course.home / "notebooks" / folder, spoilt.home / "notebooks" / folder)
    edit(spoilt.home, "lab", "### BEGIN HIDDEN TESTS\nassert math", "assert math")
    with pytest.raises(BuildRefused, match="END HIDDEN TESTS has no"):
        release(spoilt, [LAB], tmp_path / "bundle")
    edit(spoilt.home, "lecture", "1000", "2000")
    with pytest.raises(BuildRefused, match="run `autograder build` first"):
        release(spoilt, [LAB], tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()
