"""The student bundle: everything to work on a lab, nothing to grade it with."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from autograder.build.bundle_pages import (
    GITIGNORE,
    constraints,
    environment,
    pyproject,
    readme,
    settings,
)
from autograder.build.cells import BuildRefused
from autograder.build.files import BuildResult
from autograder.build.in_place import LIST, listing, update, written_before
from autograder.build.labs import build_lab
from autograder.build.lectures import check_lecture, lecture_names
from autograder.course import Course, CourseError

# Folders of the project that go along whole; what an instructor needs is in none of them.
_FOLDERS = ("course_utils", "data")
_NEVER = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
# The pages that are for students, each where there is one, and the part of one that is not.
_PAGES = ("docs/student.md", "docs/glossary.md", "docs/colab.md")
_NOT_FOR_STUDENTS = re.compile(r"^## For instructors\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]]*\]\((?!https?:)([^)\s]+)")


def release(
    course: Course, labs: Iterable[str], to: Path, report: Callable[[str], None] = print
) -> Path:
    """Writes what students get for these labs: their notebooks, the lectures, course_utils and its data.

    A folder that an earlier release wrote (a checkout of the course's public repository, for instance)
    is brought up to date: what was written there before and no longer belongs to it goes, everything
    else in it stays.

    Args:
        labs: at least one lab of course.toml.
        to: a folder that is not there yet, is empty or was written by a release; or a file whose name
            ends in .zip.
        report: is told what takes long, and what was changed in the folder by hand and is lost.

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
    before = _what_is_there(to)
    _bring_up_to_date(course, names, report)
    files = dict(contents(course, names))
    if _is_zip(to):
        write_zip(files, to)
    else:
        _name_labs_that_go(before, files, report)
        update(to, files, before, report)
    return to


def contents(course: Course, labs: list[str]) -> Iterator[tuple[str, bytes]]:
    """Paths in the bundle, with what stands there: the notebooks as they are built now."""
    project = settings(course)
    lab_notebooks = {lab: course.lab_notebooks / f"{lab}.ipynb" for lab in labs}
    lectures = {name: course.lecture_notebooks / f"{name}.ipynb" for name in lecture_names(course)}
    pages = [page for page in _PAGES if (course.home / page).is_file()]
    yield "README.md", readme(course, project, lectures, lab_notebooks, pages).encode()
    yield "pyproject.toml", pyproject(project).encode()
    yield "environment.yml", environment(project).encode()
    yield ".gitignore", GITIGNORE.encode()
    yield "constraints.txt", constraints(course, project).encode()
    for page in pages:
        text = (course.home / page).read_text(encoding="utf-8")
        yield page, _NOT_FOR_STUDENTS.sub("", text).encode()
    whole = [course.home / "LICENSE", *lab_notebooks.values(), *lectures.values()]
    whole += _pictures_in(course, pages)
    for folder in _FOLDERS:
        whole += sorted((course.home / folder).rglob("*"))
    for path in whole:
        if path.is_file() and not _NEVER & set(path.parts):
            yield path.relative_to(course.home).as_posix(), path.read_bytes()


def size_of(written: Path) -> str:
    """The size of a released file or folder, as people say it: `37 MB`.

    Of a folder that holds more than what was released, only that counts.
    """
    files = [written]
    if written.is_dir():
        files = [written / path for path in [LIST, *(written_before(written) or {})]]
    return f"{max(1, round(sum(path.stat().st_size for path in files) / 1e6))} MB"


def _is_zip(to: Path) -> bool:
    return to.suffix.lower() == ".zip"


def _what_is_there(to: Path) -> dict[str, str]:
    """What an earlier release wrote into this folder.

    Raises:
        CourseError: `to` holds something else.
    """
    if to.is_file() and not _is_zip(to):
        raise CourseError(f"{to} is a file: name a folder, or a file that ends in .zip")
    if not to.is_dir():
        return {}
    before = None if _is_zip(to) else written_before(to)
    if before is None and (_is_zip(to) or any(path.name != ".git" for path in to.iterdir())):
        raise CourseError(
            f"{to} is there already, not empty, and no release wrote it: name another place, or clear it first"
        )
    return before or {}


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


def _pictures_in(course: Course, pages: list[str]) -> Iterator[Path]:
    for page in pages:
        path = course.home / page
        for picture in _PICTURE.findall(path.read_text(encoding="utf-8")):
            yield path.parent / picture


def _name_labs_that_go(
    before: dict[str, str], files: dict[str, bytes], report: Callable[[str], None]
) -> None:
    """Who releases lab after lab into one folder may have meant to keep the earlier ones."""
    gone = [Path(path) for path in before if path not in files]
    labs = sorted(path.stem for path in gone if path.match("notebooks/labs/*.ipynb"))
    if labs:
        report(f"no longer released: {', '.join(labs)}. To keep what is there, name it as well")


def write_zip(files: dict[str, bytes], to: Path) -> None:
    """An archive of these files, path -> content, in one folder of its own name."""
    to.parent.mkdir(parents=True, exist_ok=True)
    half = to.with_name(f".{to.name}.{os.getpid()}")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted({**files, LIST: listing(files)}.items()):
            # A fixed time: the same bundle is the same file, whenever it is made.
            entry = zipfile.ZipInfo(f"{to.stem}/{path}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    os.replace(half, to)
