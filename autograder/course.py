"""The instructor's settings: course.toml read, checked and turned into paths."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit


class CourseError(Exception):
    """Something the user can mend; the command line prints it without a traceback."""

    exit_status = 2


@dataclass(frozen=True)
class Limits:
    """What one submission may use while it is graded; 0 would mean none, so every value is positive."""

    cell_seconds: float = 30
    notebook_seconds: float = 300
    cpu_seconds: float = 300
    memory_mb: float = 3000
    processes: int = 100
    file_mb: float = 200
    open_files: int = 1024
    output_mb: float = 4


@dataclass(frozen=True)
class LatePolicy:
    """What handing in late costs, in percent of the lab's points; nothing until one of the rates is set."""

    per_day: float = 0  # for each day begun after the deadline
    per_hour: float = 0  # for each hour begun; one of the two
    grace_minutes: float = 0  # so late is not late at all
    most: float = 100


# What a student's feedback tells of a hidden check: its promise, the diagnosis too, the source as well.
HIDDEN_TITLE, HIDDEN_DIAGNOSIS, HIDDEN_ALL = "title", "diagnosis", "all"
_HIDDEN = (HIDDEN_TITLE, HIDDEN_DIAGNOSIS, HIDDEN_ALL)
_T = TypeVar("_T", Limits, LatePolicy)
_COURSE_KEYS = ("id", "title", "lecture", "repository", "branch", "hub", "root")
_LAB_KEYS = ("title", "points", "deadline", "withheld", "extensions")


@dataclass(frozen=True)
class Lab:
    name: str
    title: str
    points: float
    deadline: datetime | None = None
    withheld: tuple[str, ...] = ()  # modules that are absent while this lab is graded
    extensions: dict[str, datetime] = field(
        default_factory=dict
    )  # student -> deadline of their own


@dataclass(frozen=True)
class Course:
    """Where everything is. `home` holds course.toml; `root` is nbgrader's course folder."""

    home: Path
    root: Path
    id: str
    title: str
    lecture: str
    repository: str  # public, holds what `autograder release` wrote; may be empty
    labs: dict[str, Lab]
    limits: Limits = field(default_factory=Limits)
    late: LatePolicy = field(default_factory=LatePolicy)
    hidden_checks: str = HIDDEN_TITLE  # what feedback tells of them
    branch: str = "main"
    hub: str = ""  # address of a JupyterHub, without a slash at its end

    def lab(self, name: str) -> Lab:
        if name not in self.labs:
            there = ", ".join(self.labs) or "none yet, begin one with `autograder new lab1_topic`"
            raise CourseError(f"no lab called {name!r} in course.toml; it has: {there}")
        return self.labs[name]

    @property
    def lecture_sources(self) -> Path:
        return self.home / "notebooks" / "source" / "lectures"

    @property
    def lab_sources(self) -> Path:
        return self.home / "notebooks" / "source" / "labs"

    @property
    def lecture_notebooks(self) -> Path:
        return self.home / "notebooks" / "lectures"

    @property
    def lab_notebooks(self) -> Path:
        return self.home / "notebooks" / "labs"

    def source_notebook(self, lab: str) -> Path:
        """The instructor's version: solutions and hidden checks in it."""
        return self.root / "source" / lab / f"{lab}.ipynb"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"


def load_course(start: Path | None = None) -> Course:
    """Reads the course.toml in `start` (default: the current folder) or the nearest folder above it.

    Raises:
        CourseError: none found, or a line in it can't be used; the message says which and what to do.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "course.toml").is_file():
            return _read(folder / "course.toml")
    raise CourseError(f"no course.toml in {start} or above it: run this inside the course's folder")


def _read(path: Path) -> Course:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not valid TOML: {error}") from None
    return course_of(settings, path)


def course_of(settings: dict[str, Any], path: Path) -> Course:
    """The course that these settings describe; `path` is the file they stand in.

    Raises:
        CourseError: a key is unknown or its value can't be used.
    """
    _known_keys(settings, ("course", "limits", "late", "feedback", "labs"), "", path)
    course = _table(settings, "course", path)
    _known_keys(course, _COURSE_KEYS, "[course]", path)
    home = path.parent
    return Course(
        home=home,
        root=home / course.get("root", "course"),
        id=course.get("id", "course"),
        title=course.get("title", "Course"),
        lecture=course.get("lecture", ""),
        repository=_repository(course.get("repository", ""), path),
        labs={
            name: _lab(name, table, path)
            for name, table in _table({"labs": {}, **settings}, "labs", path).items()
        },
        limits=_limits(settings.get("limits", {}), path),
        late=_late(settings.get("late", {}), path),
        hidden_checks=_hidden_checks(settings.get("feedback", {}), path),
        branch=course.get("branch", "main"),
        hub=_hub(course.get("hub", ""), path),
    )


def _hub(address: Any, path: Path) -> str:
    """An http(s) address of a host, with the path below which the hub is, if any."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        fine = address == "" or (
            parts is not None
            and parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not (parts.query or parts.fragment or any(c.isspace() for c in address))
        )
    except ValueError:
        fine = False
    if not fine:
        raise CourseError(
            f"{path}: [course] hub = {address!r} must be the address of a JupyterHub, "
            'as "https://hub.example.edu", or ""'
        )
    address = address.rstrip("/")
    return str(address.removesuffix("/hub"))


def _known_keys(table: dict[str, Any], known: Sequence[str], where: str, path: Path) -> None:
    """A misspelt key would go unnoticed, and with it a deadline."""
    for key in table:
        if key not in known:
            raise CourseError(f"{path}: {where or 'it'} has no {key!r}; it has: {', '.join(known)}")


def _table(settings: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    table = settings.get(name)
    if not isinstance(table, dict):
        raise CourseError(
            f"{path} has no [{name}] table: add one, as in the course.toml that came with the course"
        )
    return table


def _limits(table: dict[str, Any], path: Path) -> Limits:
    limits = _numbers(Limits, table, "limits", path)
    for name, value in table.items():
        if value <= 0:
            raise CourseError(f"{path}: [limits] {name} = {value!r} must be a number above 0")
    return limits


def _late(table: dict[str, Any], path: Path) -> LatePolicy:
    policy = _numbers(LatePolicy, table, "late", path)
    for name, value in table.items():
        if value < 0 or (name != "grace_minutes" and value > 100):
            expected = "0 or more" if name == "grace_minutes" else "a percentage from 0 to 100"
            raise CourseError(f"{path}: [late] {name} = {value!r} must be {expected}")
    if policy.per_day and policy.per_hour:
        raise CourseError(f"{path}: [late] has both per_day and per_hour: keep one of them")
    return policy


def _numbers(kind: type[_T], table: Any, name: str, path: Path) -> _T:
    """A table whose keys are all fields of `kind` and whose values are all numbers."""
    if not isinstance(table, dict):
        raise CourseError(f"{path}: {name} = {table!r} must be a table, [{name}]")
    known = [one.name for one in fields(kind)]
    for key, value in table.items():
        if key not in known:
            raise CourseError(
                f"{path}: [{name}] has no {key!r}; it has: {', '.join(sorted(known))}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise CourseError(f"{path}: [{name}] {key} = {value!r} must be a number")
    return kind(**table)


def _hidden_checks(table: Any, path: Path) -> str:
    if not isinstance(table, dict):
        raise CourseError(f"{path}: feedback = {table!r} must be a table, [feedback]")
    for key in table:
        if key != "hidden":
            raise CourseError(f"{path}: [feedback] has no {key!r}; it has: hidden")
    hidden: Any = table.get("hidden", HIDDEN_TITLE)
    if hidden not in _HIDDEN:
        raise CourseError(
            f"{path}: [feedback] hidden = {hidden!r} must be one of {', '.join(map(repr, _HIDDEN))}"
        )
    return str(hidden)


def _lab(name: str, table: Any, path: Path) -> Lab:
    if not isinstance(table, dict):
        raise CourseError(f"{path}: [labs.{name}] must be a table")
    _known_keys(table, _LAB_KEYS, f"[labs.{name}]", path)
    points = table.get("points", 100)
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise CourseError(f"{path}: [labs.{name}] points = {points!r} must be a number above 0")
    deadline = table.get("deadline")
    if deadline is not None and not isinstance(deadline, datetime):
        raise CourseError(
            f"{path}: [labs.{name}] deadline = {deadline!r} must be a date and time, as 2026-12-13T23:59:00"
        )
    withheld = table.get("withheld", [])
    if not isinstance(withheld, list) or not all(_is_module(name) for name in withheld):
        raise CourseError(
            f'{path}: [labs.{name}] withheld = {withheld!r} must be a list of module names, as ["course_utils.attacks"]'
        )
    for module in withheld:
        if module.split(".")[0] in sys.stdlib_module_names:
            raise CourseError(
                f"{path}: [labs.{name}] withheld has {module!r}, which is a part of Python that Python itself "
                "needs: withhold packages only"
            )
    extensions = _extensions(name, table.get("extensions", {}), deadline, path)
    return Lab(name, table.get("title", name), points, deadline, tuple(withheld), extensions)


def _extensions(lab: str, table: Any, deadline: datetime | None, path: Path) -> dict[str, datetime]:
    """Deadlines of single students: [labs.LAB.extensions], STUDENT = date and time."""
    if not isinstance(table, dict):
        raise CourseError(
            f"{path}: [labs.{lab}] extensions = {table!r} must be a table: student = date and time"
        )
    for student, until in table.items():
        if not isinstance(until, datetime):
            raise CourseError(
                f"{path}: [labs.{lab}.extensions] {student} = {until!r} must be a date and time, "
                "as 2026-12-13T23:59:00"
            )
    if table and deadline is None:
        raise CourseError(
            f"{path}: [labs.{lab}] has extensions but no deadline: add deadline = 2026-12-13T23:59:00"
        )
    return dict(table)


def _is_module(name: Any) -> bool:
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def _repository(name: Any, path: Path) -> str:
    """`owner/name` on GitHub, or nothing."""
    if name == "" or (isinstance(name, str) and re.fullmatch(r"[\w.-]+/[\w.-]+", name)):
        return name
    raise CourseError(
        f'{path}: repository = {name!r} is no "owner/name" on GitHub; for '
        'https://github.com/jane/vision write repository = "jane/vision"'
    )
