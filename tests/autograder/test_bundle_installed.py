"""The student bundle where a student has it: unpacked by itself, installed with pip into an empty environment.

A real virtual environment, with no package of the project's own: what the bundle's [lab] extra does not
bring is not there. Only the versions are those that the other tests run with.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder.build.bundle import contents, write_zip
from autograder.build.cells import grade_id, is_solution, is_test
from autograder.course import load_course
from tests.labs.harness import LabChecks

PROJECT = Path(__file__).parents[2]
LAB = "lab1_adversarial"


@dataclass(frozen=True)
class Student:
    """Somebody's bundle, with its own environment, and an empty home folder."""

    bundle: Path
    home: Path

    def run(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A program of the environment, with nothing around it that the project or this machine sets."""
        programs = self.bundle / ".venv" / "bin"
        return subprocess.run(
            [str(programs / words[0]), *words[1:]],
            cwd=folder or self.bundle,
            env={
                "HOME": str(self.home),
                "PATH": f"{programs}:/usr/bin:/bin",
                "OMP_NUM_THREADS": "1",
            },
            capture_output=True,
            text=True,
        )

    def python(self, code: str) -> str:
        """What a line of Python prints, in a folder that is not the bundle's."""
        done = self.run("python", "-c", code, folder=self.home)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def run_all(self, notebook: nbformat.NotebookNode, *options: str) -> nbformat.NotebookNode:
        """Runs a notebook, saved outside of the bundle, with what JupyterLab brought along."""
        place = self.home / "handed round" / "notebook.ipynb"
        place.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, place)
        done = self.run(
            *("jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace"),
            *options,
            place.name,
            folder=place.parent,
        )
        assert done.returncode == 0, done.stderr
        return nbformat.read(place, as_version=4)


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> Student:
    if sys.platform == "win32":
        pytest.skip("the environment's programs are looked for where Linux and macOS have them")
    folder = tmp_path_factory.mktemp("a student")
    course = load_course(PROJECT)
    write_zip(dict(contents(course, [LAB])), folder / "course.zip")
    with zipfile.ZipFile(folder / "course.zip") as archive:
        archive.extractall(folder)
    student = Student(folder / "course", folder / "home")
    student.home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", student.bundle / ".venv"], check=True)
    about = tomllib.loads((student.bundle / "pyproject.toml").read_text())
    needed = [
        *about["build-system"]["requires"],
        *about["project"]["dependencies"],
        *about["project"]["optional-dependencies"]["lab"],
    ]
    # Packages that can't be had are this machine's matter; a bundle that can't be installed is ours.
    trouble = pip(student, *needed)
    if trouble:
        pytest.skip(f"pip can't install here what the bundle needs: {trouble}")
    assert not pip(student, ".[lab]")
    return student


def pip(student: Student, *what: str) -> str:
    """Installs into the student's environment -> what pip says where it can't.

    Where pip finds packages is this machine's matter: its settings stay, and PIP_FLAGS as in the Makefile.
    """
    kept = ("PIP_", "SSL_", "HTTP", "NO_PROXY", "http", "no_proxy", "LANG", "TMPDIR", "XDG_CACHE")
    around = {name: value for name, value in os.environ.items() if name.startswith(kept)}
    done = subprocess.run(
        [
            *(student.bundle / ".venv" / "bin" / "python", "-m", "pip", "install", "--quiet"),
            # Compiled when first imported: that is a fraction of all.
            *("--no-compile", "--disable-pip-version-check"),
            *shlex.split(os.environ.get("PIP_FLAGS", "")),
            *("-c", PROJECT / "constraints.txt", *what),
        ],
        cwd=student.bundle,
        env={**around, "HOME": os.environ.get("HOME", ""), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    return " ".join(done.stderr.split()[-60:]) if done.returncode else ""


def notebook(student: Student, path: str) -> nbformat.NotebookNode:
    return nbformat.read(student.bundle / "notebooks" / f"{path}.ipynb", as_version=4)


def test_neither_the_grader_nor_nbgrader_is_there(student):
    listed = json.loads(student.run("python", "-m", "pip", "list", "--format=json").stdout)
    names = {package["name"].lower() for package in listed}
    assert {"jupyterlab", "jupytext", "ipywidgets", "torch", "adversarial-selfsup-course"} <= names
    assert not {"nbgrader", "autograder", "distributed", "pytest", "typer"} & names
    for module in ("autograder", "nbgrader", "tests", "benchmarks"):
        failed = student.run("python", "-c", f"import {module}")
        assert f"No module named '{module}'" in failed.stderr


def test_the_package_and_its_data_are_found_from_any_folder(student):
    printed = student.python(
        "import course_utils; from course_utils import results; from course_utils.models import zoo;"
        "print(course_utils.__file__); print(len([zoo.load(name) for name in zoo.names()]));"
        "print(len(zoo.card('world_classifier')) > 0, len(results.load('beyond')) > 0)"
    )
    where, models, cards = printed.splitlines()
    assert where.startswith(str(student.bundle / ".venv"))
    assert int(models) == len(list((PROJECT / "data" / "zoo").glob("*.safetensors")))
    assert cards == "True True"


def test_the_kernel_that_the_notebooks_ask_for_is_the_environments_own(student):
    specs = json.loads(student.run("jupyter", "kernelspec", "list", "--json").stdout)["kernelspecs"]
    for path in student.bundle.glob("notebooks/*/*.ipynb"):
        asked = nbformat.read(path, as_version=4).metadata.kernelspec.name
        assert specs[asked]["resource_dir"].startswith(str(student.bundle / ".venv"))


def test_a_solved_lab_passes_all_its_checks(student):
    lab = notebook(student, f"labs/{LAB}")
    solutions = LabChecks(LAB).solutions
    for cell in lab.cells:
        if is_solution(cell) and cell.cell_type == "code":
            cell.source = solutions[grade_id(cell)]
    done = student.run_all(lab)
    assert {said[:1] for said in answers(done).values()} == {"✓"}
    assert not shown(done, "stderr")


def test_every_check_of_an_empty_lab_says_what_to_do_without_a_traceback(student):
    done = student.run_all(notebook(student, f"labs/{LAB}"), "--allow-errors")
    said = answers(done)
    assert len(said) >= 10
    for name, words in said.items():
        assert words.startswith("✗"), name
        assert "is not written yet: replace" in words, name
        assert "Traceback" not in words, name


def answers(done: nbformat.NotebookNode) -> dict[str, str]:
    """grade_id of each check -> what the student reads under it."""
    return {
        grade_id(cell): "".join(
            "\n".join(output.traceback) if output.output_type == "error" else output.get("text", "")
            for output in cell.outputs
        )
        for cell in done.cells
        if is_test(cell)
    }


def shown(done: nbformat.NotebookNode, stream: str) -> list[str]:
    """What the cells printed there."""
    return [
        output.text
        for cell in done.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == stream
    ]
