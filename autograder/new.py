"""`autograder new`: a lab of one's own to change: its source, its bank, its lines in course.toml."""

from __future__ import annotations

import ast
import builtins
import json
import keyword
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.build.lectures import lecture_names
from autograder.course import Course, CourseError, load_course

FUNCTION = "standardise"  # what the template's exercise asks for
_NAME = re.compile(r"lab(?P<number>[1-9][0-9]{0,2})_(?P<topic>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)")
_LONGEST = 40  # letters of a name: notebooks are handed in under it, behind the student's own

_A_COURSE = """\
A course begins with a folder and a file course.toml in it that holds at least

[course]
id = "my-course"
title = "My course"
"""


def course_here(start: Path | None = None) -> Course:
    """The course of the current folder, or CourseError that says how to begin one."""
    try:
        return load_course(start)
    except CourseError as error:
        if "no course.toml in" not in str(error):
            raise
        raise CourseError(f"{error}. {_A_COURSE}") from None


def new_lab(course: Course, name: str, title: str = "", function: str = FUNCTION) -> list[Path]:
    """Writes a lab with one exercise that builds, audits and grades as it is, and adds it to course.toml.

    Args:
        name: such as lab7_optical_flow; its number and itself must be new.
        title: what people read; default: the topic in words.
        function: what the exercise asks students to write.

    Returns:
        The files written, the source first and the bank second.

    Raises:
        CourseError: a name can't be used, something is there already, or a file can't be written;
            nothing has been written then.
    """
    found = _checked_name(course, name)
    title = _checked_title(title) or found["topic"].replace("_", " ").capitalize()
    values = {"name": name, "number": found["number"], "title": title, "function": function}
    _check_function(function, _rendered("lab.py", {**values, "function": FUNCTION}))
    texts = {
        course.lab_sources / f"{name}.py": _rendered("lab.py", values),
        _bank(course, name) / f"{function}.py": _rendered("bank.py", values),
    }
    _check_free(course, name)
    jupytext = course.lab_sources.parent / "jupytext.toml"  # JupyterLab opens sources by it
    if not jupytext.exists():
        texts[jupytext] = _rendered("jupytext.toml", values)
    settings = (course.home / "course.toml").resolve()
    before = settings.read_bytes()
    lines = _rendered("course.toml", {**values, "title": json.dumps(title, ensure_ascii=False)})
    after = _with_lab(settings, before, lines, name)
    with _all_or_nothing() as write:
        for path, text in texts.items():
            write(path, text.encode("utf-8"))
        write(settings, after)
        load_course(course.home).lab(name)
    return list(texts)


def _checked_name(course: Course, name: str) -> re.Match[str]:
    found = _NAME.fullmatch(name)
    if not found or len(name) > _LONGEST:
        raise CourseError(
            f"{name!r} can't be the name of a lab: write lab, its number, an underline and a topic of small "
            f"letters a to z, digits and underlines, {_LONGEST} in all at most, as lab7_optical_flow"
        )
    if name in lecture_names(course):
        raise CourseError(f"a lecture is called {name!r}: take another name for the lab")
    numbers = {one["number"]: one[0] for one in map(_NAME.fullmatch, course.labs) if one}
    if found["number"] in numbers:
        free = 1 + max(map(int, numbers))
        raise CourseError(
            f"course.toml has a lab {found['number']} already, {numbers[found['number']]!r}: take "
            f"lab{free}_{found['topic']}, or change the one that is there"
        )
    return found


def _checked_title(title: str) -> str:
    if not title.isprintable():
        raise CourseError(f"--title {title!r} must be one line of letters that can be printed")
    return title.strip()


def _check_function(name: str, source: str) -> None:
    """Refuses what is no name, and the names that the lab's own cells use for something else."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or len(name) > _LONGEST:
        raise CourseError(
            f"--function {name!r} can't be the name of a function: letters a to z, digits and underlines, "
            f"{_LONGEST} at most, as {FUNCTION}"
        )
    used = {"written"} | (_names_in(source) - {FUNCTION})
    if (
        keyword.iskeyword(name)
        or hasattr(builtins, name)
        or name.startswith("test_")
        or name in used
    ):
        raise CourseError(
            f"--function {name!r} means something else in Python or in the lab: take another name, as {FUNCTION}"
        )


def _names_in(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        for key in ("id", "arg", "name", "asname"):
            found.add(str(getattr(node, key, "")))
    return found


def _bank(course: Course, name: str) -> Path:
    return course.home / "tests" / "banks" / name


def _check_free(course: Course, name: str) -> None:
    """Nothing of an earlier lab of this name may be left: it would be overwritten, or taken for this one's."""
    for path in (
        course.lab_sources / f"{name}.py",
        course.lab_notebooks / f"{name}.ipynb",
        _bank(course, name),
        course.root / "source" / name,
        course.root / "release" / name,
        course.root / "submitted",
    ):
        there = path.glob(f"*/{name}") if path.name == "submitted" else [path]
        for one in there:
            if one.exists() or one.is_symlink():
                raise CourseError(
                    f"{one} is there already: move it away, or take another name for the lab"
                )


def _rendered(template: str, values: dict[str, str]) -> str:
    """A file of autograder/templates/new_lab with the lab's names in their places."""
    environment = Environment(
        loader=PackageLoader("autograder", "templates/new_lab"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(f"{template}.jinja").render(values)


def _with_lab(settings: Path, before: bytes, lines: str, name: str) -> bytes:
    """course.toml with the lab's lines behind what is in it, every byte of which stays."""
    newline = "\r\n" if b"\r\n" in before else "\n"
    gap = "" if before.endswith(b"\n") or not before else newline
    after = before + (gap + lines.replace("\n", newline)).encode("utf-8")
    try:
        then, now = (tomllib.loads(text.decode("utf-8")) for text in (before, after))
    except tomllib.TOMLDecodeError as error:
        raise CourseError(
            f"[labs.{name}] can't be added to {settings} ({error}): write each lab there as a table of its "
            "own, [labs.NAME]"
        ) from None
    del now["labs"][name]
    if now != {"labs": {}, **then}:
        raise CourseError(f"[labs.{name}] added to {settings} would change what is in it")
    return after


@contextmanager
def _all_or_nothing() -> Iterator[Callable[[Path, bytes], None]]:
    """Gives a function (path, content) that writes a file; if the block fails, all is as it was.

    Raises:
        CourseError: the system would not have a file written.
    """
    undo: list[Callable[[], object]] = []

    def write(path: Path, content: bytes) -> None:
        try:
            for folder in reversed([one for one in path.parents if not one.exists()]):
                folder.mkdir()
                undo.append(folder.rmdir)
            before = path.read_bytes() if path.exists() else None
            _put(path, content)
        except OSError as error:
            raise CourseError(
                f"{path} can't be written ({error.strerror}), so nothing was: see to it that its folder is a "
                "folder, yours to write in, on a disk with room"
            ) from None
        undo.append(path.unlink if before is None else partial(_put, path, before))

    try:
        yield write
    except BaseException:
        for step in reversed(undo):
            step()
        raise


def _put(path: Path, content: bytes) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_bytes(content)
        if path.exists():
            shutil.copymode(path, half)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
