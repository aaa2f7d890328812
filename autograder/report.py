"""What an instructor wants to know of a graded lab, on one page that opens anywhere."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any
from urllib.parse import quote

from autograder import store
from autograder.feedback import page_of
from autograder.grade import gist
from autograder.histogram import histogram
from autograder.pages import page, printable, template_text
from autograder.regrade import Change, changes
from autograder.results import GRADED, NEEDS_MANUAL, PARTIAL, UNREADABLE, Result
from autograder.standing import Standing
from autograder.table import number, shorten

_COLUMNS = [
    ("student", False),
    ("score", True),
    ("status", False),
    ("late", True),
    ("flags", True),
    ("seconds", True),
    ("memory, MB", True),
]
_MOST_DIAGNOSES = 4
_EXTREMES = 5
_STATUS_ORDER = (GRADED, NEEDS_MANUAL, PARTIAL, UNREADABLE)


def write_report(stands: Standing) -> Path:
    """reports/LAB.html in nbgrader's course folder."""
    path = stands.course.root / "reports" / f"{stands.lab}.html"
    store.write(path, report_page(stands, path.parent))
    return path


def report_page(stands: Standing, folder: Path) -> bytes:
    """The page itself.

    Args:
        folder: where it will lie; links to the students' pages are relative to it.
    """
    course, lab, results = stands.course, stands.lab, stands.results
    readable = [result for result in results if result.status != UNREADABLE and result.key]
    return page(
        "report.html",
        script=template_text("sort.js"),
        course_title=course.title,
        lab=lab,
        lab_title=course.lab(lab).title,
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        facts=list(_facts(results)),
        waiting=stands.waiting,
        histogram=histogram([result.score for result in results], _most(results)),
        notices=[notice for notice in _notices(stands) if notice["lines"]],
        run=len(readable),
        checks=_checks(readable),
        columns=_COLUMNS,
        students=[_student(stands, result, folder) for result in results],
    )


def _most(results: Sequence[Result]) -> float:
    return max(result.max_score for result in results)


def _facts(results: Sequence[Result]) -> Iterator[tuple[str, str]]:
    scores = [result.score for result in results]
    yield "submissions", str(len(results))
    yield "points of the lab", number(_most(results))
    yield "median", number(round(median(scores), 2))
    yield "mean", number(round(mean(scores), 2))
    statuses = Counter(result.status for result in results)
    for status in _STATUS_ORDER:
        if statuses[status]:
            yield status, str(statuses[status])


def _notices(stands: Standing) -> Iterator[dict[str, Any]]:
    """What a person should look at, the urgent first; then what is good to know."""
    results = stands.results
    yield _notice(
        "Flagged",
        "What an honest submission does not do. A flag costs no points; look at the notebook.",
        [(result.student, flag) for result in results for flag in result.flags],
        urgent=True,
    )
    yield _notice(
        "Could not be read",
        "These have 0 points until a readable notebook is collected and graded.",
        [(result.student, result.reason) for result in results if result.status == UNREADABLE],
        urgent=True,
    )
    yield _notice(
        "Checks that could not run",
        "The points of these checks are missing; the reason says whether grading again helps.",
        [(result.student, result.reason) for result in results if result.status == PARTIAL],
        urgent=True,
    )
    yield from _change_notices(changes(stands.course, stands.lab))
    yield _notice(
        "Put aside while collecting",
        f"Files that were handed over and are nobody's submission; they are kept in aside/{stands.lab}.",
        [("", line) for line in _aside(stands)],
        urgent=True,
    )
    yield from _good_to_know(stands)


def _good_to_know(stands: Standing) -> Iterator[dict[str, Any]]:
    results = stands.results
    yield _notice("Late", _late_policy(stands), [(r.student, r.late) for r in results if r.late])
    yield _notice(
        "Limits that were hit",
        "The student's feedback says so too.",
        [(result.student, limit) for result in results for limit in result.limits],
    )
    yield _notice(
        "Put right before it ran",
        "This cost nobody a point.",
        [(result.student, repair) for result in results for repair in result.repairs],
    )
    yield _extremes("Slowest", "seconds", "{:.1f} s", results)
    yield _extremes("Largest", "memory_mb", "{:.0f} MB at most", results)


def _change_notices(found: Sequence[Change]) -> Iterator[dict[str, Any]]:
    again = [one for one in found if one.before.handed_in == one.after.handed_in]
    anew = [one for one in found if one.before.handed_in != one.after.handed_in]
    yield _notice(
        "Scores that grading again changed",
        "The same work, other points, before penalties and what people gave: the newest first.",
        [(one.after.student, f"{_told(one)} ({one.why})") for one in again],
        urgent=True,
    )
    yield _notice(
        "Scores that a new submission changed",
        "Another notebook was handed in than the one graded before.",
        [(one.after.student, _told(one)) for one in anew],
    )


def _told(change: Change) -> str:
    """`8 → 15 points on 2026-11-22: test_mean 0 → 7`."""
    checks = ", ".join(f"{name} {_or_none(a)} → {_or_none(b)}" for name, a, b in change.checks)
    scores = f"{number(change.before.score)} → {number(change.after.score)} points"
    return f"{scores} on {change.after.when[:10]}: {checks}"


def _or_none(points: float | None) -> str:
    return "none" if points is None else number(points)


def _notice(
    title: str, about: str, lines: Sequence[tuple[str, str]], urgent: bool = False
) -> dict[str, Any]:
    told = [{"student": student, "text": printable(text)} for student, text in lines]
    return {"title": title, "about": about, "lines": told, "urgent": urgent}


def _extremes(title: str, what: str, shown: str, results: Sequence[Result]) -> dict[str, Any]:
    ordered = sorted(results, key=lambda result: -getattr(result, what))[:_EXTREMES]
    lines = [
        (result.student, shown.format(getattr(result, what)))
        for result in ordered
        if getattr(result, what) > 0
    ]
    return _notice(title, "Time and memory of the whole notebook while it was graded.", lines)


def _late_policy(stands: Standing) -> str:
    late = stands.course.late
    if late.per_day or late.per_hour:
        rate = f"{late.per_day:g} % a day" if late.per_day else f"{late.per_hour:g} % an hour"
        grace = f" after {late.grace_minutes:g} min of grace" if late.grace_minutes else ""
        return f"{rate} begun{grace}, {late.most:g} % at most."
    return "It costs nothing: course.toml has no [late] rate."


def _aside(stands: Standing) -> list[str]:
    told = stands.course.root / "aside" / stands.lab / "why.txt"
    return told.read_text(encoding="utf-8", errors="replace").splitlines() if told.is_file() else []


def _checks(results: Sequence[Result]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(check.grade_id for result in results for check in result.checks))
    return [_check(name, results) for name in names]


def _check(name: str, results: Sequence[Result]) -> dict[str, Any]:
    checks = [check for result in results for check in result.checks if check.grade_id == name]
    first, given = checks[0], [check for check in checks if check.points is not None]
    passed = sum(check.points == check.max_points for check in given)
    said = f"{passed} of {len(checks)}"
    if first.manual:
        said = f"{len(given)} of {len(checks)} read"
    gists = Counter(shorten(" ".join(gist(c.diagnosis).split())) for c in checks if c.diagnosis)
    return {
        **{"name": name, "max_points": first.max_points, "manual": first.manual, "said": said},
        "rate": round(100 * (len(given) if first.manual else passed) / len(checks)),
        "diagnoses": [
            (printable(text), count) for text, count in gists.most_common(_MOST_DIAGNOSES)
        ],
    }


def _student(stands: Standing, result: Result, folder: Path) -> dict[str, Any]:
    path = page_of(stands.course, stands.lab, result.student)
    link = quote(Path(os.path.relpath(path, folder)).as_posix()) if path.is_file() else ""
    return {
        **{"student": result.student, "score": result.score, "status": result.status},
        **{"penalty": result.penalty, "flags": len(result.flags), "page": link},
        **{"seconds": result.seconds, "memory_mb": result.memory_mb},
        "why": printable(shorten(result.reason, 200)),
    }
