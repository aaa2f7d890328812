"""The student bundle: everything to work on a lab, nothing to grade it with."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.build.cells import BuildRefused
from autograder.build.files import BuildResult
from autograder.build.labs import build_lab
from autograder.build.lectures import check_lecture, lecture_names
from autograder.course import Course, CourseError

# Folders of the project that go along whole; what an instructor needs is in none of them.
_FOLDERS = ("course_utils", "data")
_NEVER = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}

_PYPROJECT = """\
[build-system]
requires = {build_requires}
build-backend = {build_backend}

[project]
name = {name}
version = {version}
description = {description}
readme = "README.md"
requires-python = {python}
dependencies = {dependencies}

[project.optional-dependencies]
lab = {lab}

[tool.hatch.build.targets.wheel]
packages = ["course_utils"]

[tool.hatch.build.targets.wheel.force-include]
"data" = "course_utils/_data"
"""

_ENVIRONMENT = """\
name: {name}
channels:
  - conda-forge
dependencies:
  - python{python}
  - pip
  - pip:
      - .[lab]
"""

_README = """\
# {title}

{lecture}

## Set up, once
With Python (version {python}), in this folder:

    python -m venv .venv
    .venv/bin/pip install ".[lab]"        (on Windows: .venv\\Scripts\\pip)
    .venv/bin/jupyter lab                 (on Windows: .venv\\Scripts\\jupyter)

With conda: `conda env create -f environment.yml`, `conda activate {name}`, `jupyter lab`.

## Read and try
{lectures}

## Do
{labs}

Write where it says `YOUR CODE HERE` or `YOUR ANSWER HERE`, run the cell below to check your work, and
leave the other cells as they are. Before you hand in: *Kernel > Restart Kernel and Run All Cells*, save,
and hand in the .ipynb file under the name it has.
"""


def release(
    course: Course, labs: Iterable[str], to: Path, report: Callable[[str], None] = print
) -> Path:
    """Writes what students get for these labs: their notebooks, the lectures, course_utils and its data.

    Args:
        labs: at least one lab of course.toml.
        to: a folder that is not there yet (or is empty), or a file whose name ends in .zip.

    Returns:
        The folder or file written.

    Raises:
        CourseError: no lab was named, there is none of that name, or `to` is in use.
        BuildRefused: a lab would not pass the build, or a lecture is out of date.
    """
    names = list(dict.fromkeys(labs))
    to = Path(to)
    if not names:
        raise CourseError(f"no lab was named: name one or more of {', '.join(course.labs)}")
    for name in names:
        course.lab(name)
    as_zip = to.suffix.lower() == ".zip"
    if to.is_dir() and (as_zip or any(to.iterdir())):
        raise CourseError(
            f"{to} is there already and not empty: name another place, or clear it first"
        )
    if to.is_file() and not as_zip:
        raise CourseError(f"{to} is a file: name a folder, or a file that ends in .zip")
    _bring_up_to_date(course, names, report)
    with tempfile.TemporaryDirectory(prefix="course-release-") as half:
        folder = Path(half, to.stem if as_zip else to.name)
        for path, content in _contents(course, names):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        _move_to(folder, to, as_zip)
    return to


def _bring_up_to_date(course: Course, labs: list[str], report: Callable[[str], None]) -> None:
    lectures = BuildResult()
    for name in lecture_names(course):
        check_lecture(course, name, lectures)
    if lectures.differs:
        raise BuildRefused(
            "\n".join(f"{line}: run `autograder build` first" for line in lectures.differs)
        )
    for lab in labs:
        build_lab(course, lab, BuildResult(), report, force=False)


def _contents(course: Course, labs: list[str]) -> Iterator[tuple[str, bytes]]:
    """Paths in the bundle, with what stands there."""
    project = _project(course)
    yield "pyproject.toml", _pyproject(project).encode()
    name, python = project["project"]["name"], project["project"]["requires-python"]
    yield "environment.yml", _ENVIRONMENT.format(name=name, python=python).encode()
    yield "README.md", _readme(course, labs, name, python).encode()
    if (course.home / "LICENSE").is_file():
        yield "LICENSE", (course.home / "LICENSE").read_bytes()
    notebooks = [course.lab_notebooks / f"{lab}.ipynb" for lab in labs]
    notebooks += [course.lecture_notebooks / f"{name}.ipynb" for name in lecture_names(course)]
    for path in notebooks:
        yield path.relative_to(course.home).as_posix(), path.read_bytes()
    for folder in _FOLDERS:
        for path in sorted((course.home / folder).rglob("*")):
            if path.is_file() and not _NEVER & set(path.parts):
                yield path.relative_to(course.home).as_posix(), path.read_bytes()


def _project(course: Course) -> dict[str, Any]:
    path = course.home / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(
            f"{path} is missing: the bundle takes its name and what it needs from it"
        ) from None


def _pyproject(project: dict[str, Any]) -> str:
    """The project's own set-up, without the grader and what only the grader needs."""
    about, build = project["project"], project["build-system"]
    return _PYPROJECT.format(
        build_requires=_toml(build["requires"]),
        build_backend=_toml(build["build-backend"]),
        name=_toml(about["name"]),
        version=_toml(about["version"]),
        description=_toml(about["description"]),
        python=_toml(about["requires-python"]),
        dependencies=_toml(about["dependencies"]),
        lab=_toml(about["optional-dependencies"]["lab"]),
    )


def _toml(value: str | list[str]) -> str:
    """Strings and lists of them are written alike in JSON and TOML."""
    return json.dumps(value, ensure_ascii=False)


def _readme(course: Course, labs: list[str], name: str, python: str) -> str:
    lectures = [f"- `notebooks/lectures/{lecture}.ipynb`" for lecture in lecture_names(course)]
    tasks = []
    for lab in labs:
        about = course.lab(lab)
        due = f", due {about.deadline:%Y-%m-%d %H:%M}" if about.deadline else ""
        tasks.append(
            f"- `notebooks/labs/{lab}.ipynb`: {about.title} ({about.points:g} points{due})"
        )
    return _README.format(
        title=course.title,
        lecture=course.lecture,
        name=name,
        python=python,
        lectures="\n".join(lectures),
        labs="\n".join(tasks),
    )


def _move_to(folder: Path, to: Path, as_zip: bool) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if not as_zip:
        shutil.copytree(folder, to, dirs_exist_ok=True)
        return
    half = to.with_name(f".{to.name}.{os.getpid()}")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                # A fixed time: the same bundle is the same file, whenever it is made.
                entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    os.replace(half, to)
