"""What handing in late costs: from deadlines and timestamps to points."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from autograder.course import Course

_HOUR, _DAY = 3600, 86400
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):?[0-5]\d$")


@dataclass(frozen=True)
class Lateness:
    """How late somebody was.

    Attributes:
        seconds: after the deadline; 0 for in time, or where one of the two times is not known.
        penalty: points; not above the lab's.
    """

    seconds: float = 0.0
    penalty: float = 0.0

    @property
    def sentence(self) -> str:
        """`late by 1 d 3 h: -10 points`; empty for who was in time."""
        if not self.seconds:
            return ""
        points = "point" if self.penalty == 1 else "points"
        cost = f": -{self.penalty:g} {points}" if self.penalty else ""
        return f"late by {duration(self.seconds)}{cost}"


def lateness(course: Course, lab: str, student: str, stamp: str) -> Lateness:
    """How late a submission is and what that costs.

    Args:
        stamp: when it was handed in, as nbgrader writes it; empty where nobody knows.
    """
    due, handed_in = deadline_of(course, lab, student), read_timestamp(stamp)
    if due is None or handed_in is None:
        return Lateness()
    seconds = (handed_in - due).total_seconds()
    policy = course.late
    if seconds <= policy.grace_minutes * 60:
        return Lateness()
    days, hours = math.ceil(seconds / _DAY), math.ceil(seconds / _HOUR)
    percent = min(policy.most, policy.per_day * days + policy.per_hour * hours)
    return Lateness(seconds, round(course.lab(lab).points * percent / 100, 4))


def deadline_of(course: Course, lab: str, student: str) -> datetime | None:
    """The deadline that counts for a student, in UTC without a time zone, as nbgrader keeps it.

    One without a time zone in course.toml is this machine's time.
    """
    one = course.lab(lab)
    due = one.extensions.get(student, one.deadline)
    return due.astimezone(UTC).replace(tzinfo=None) if due else None


def extension_of(course: Course, lab: str, student: str) -> timedelta | None:
    """How much longer than the class a student has; None for who has no extension."""
    due, own = course.lab(lab).deadline, course.lab(lab).extensions.get(student)
    return own.astimezone(UTC) - due.astimezone(UTC) if own and due else None


def duration(seconds: float) -> str:
    """`1 d 3 h`, `2 h 5 min`, `40 s`: the two largest units that say something."""
    left, parts = int(seconds), []
    for unit, size in (("d", _DAY), ("h", _HOUR), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break  # `1 d`, not `1 d 5 min`
    return " ".join(parts[:2]) or "1 s"


def read_timestamp(stamp: str) -> datetime | None:
    """A line of timestamp.txt as a time in UTC without a time zone; None where it says no time.

    One without a time zone is UTC, as nbgrader takes it.
    """
    from dateutil import parser
    from nbgrader.utils import parse_utc

    try:
        # nbgrader takes the number in `… +0100` for seconds
        moment = parser.parse(stamp) if _OFFSET.search(stamp) else stamp
        return parse_utc(moment) if moment else None
    except (ValueError, OverflowError, TypeError):
        return None
