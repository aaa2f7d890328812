"""From a text file to everything that people touch: student notebooks, lectures, nbgrader's course."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from autograder.build.bundle import release
from autograder.build.cells import BuildRefused
from autograder.build.files import BuildResult
from autograder.build.labs import build_lab, check_lab, ensure_built, make_lab
from autograder.build.lectures import build_lecture, check_lecture, lecture_names
from autograder.course import Course, CourseError

__all__ = ["BuildRefused", "BuildResult", "build", "ensure_built", "make_lab", "release"]


def build(
    course: Course,
    labs: Iterable[str] | None = None,
    check: bool = False,
    report: Callable[[str], None] = print,
    force: bool = False,
) -> BuildResult:
    """Builds notebooks from their sources, or under `check` compares what is there and writes nothing.

    Args:
        labs: names of labs or lectures; None builds them all.
        report: is told, a line at a time, what takes long and what it found.
        force: runs lectures and solved labs again even where nothing changed.

    Returns:
        What was written, what differs and what was refused; one refused notebook stops no other.

    Raises:
        CourseError: no lab or lecture has one of the names.
    """
    result = BuildResult()
    lectures = lecture_names(course)
    names = [*course.labs, *lectures] if labs is None else list(dict.fromkeys(labs))
    for name in names:
        if name not in course.labs and name not in lectures:
            known = ", ".join([*course.labs, *lectures])
            raise CourseError(f"no lab or lecture called {name!r}; there are: {known}")
    for name in names:
        try:
            _step(course, name, check, report, force)(result)
        except BuildRefused as error:
            result.refused.append(str(error))
    if labs is None:
        result.refused += _unused_sources(course)
        if check:
            result.refused += _strays(course)
        else:
            for line in _strays(course):
                report(line)
    return result


def _step(
    course: Course, name: str, check: bool, report: Callable[[str], None], force: bool
) -> Callable[[BuildResult], None]:
    is_lab = name in course.labs
    if check:
        return partial(check_lab if is_lab else check_lecture, course, name)
    return partial(build_lab if is_lab else build_lecture, course, name, report=report, force=force)


def _unused_sources(course: Course) -> Iterator[str]:
    for source in sorted(course.lab_sources.glob("*.py")):
        if source.stem not in course.labs:
            yield f"{_shown(course, source)} is no lab of course.toml: add [labs.{source.stem}], or move it away"


def _strays(course: Course) -> Iterator[str]:
    """Notebooks that nothing builds: somebody's scratch paper, or left behind by a source that moved."""
    for folder, names in (
        (course.lab_notebooks, [*course.labs]),
        (course.lecture_notebooks, lecture_names(course)),
    ):
        for notebook in sorted(folder.glob("*.ipynb")):
            if notebook.stem not in names:
                yield f"{_shown(course, notebook)} has no source: notebooks are built, so write one or delete it"


def _shown(course: Course, path: Path) -> str:
    return path.relative_to(course.home).as_posix()
