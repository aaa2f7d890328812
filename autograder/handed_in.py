"""When was it handed in? Going by timestamp.txt, else by the platform, else by the file's own time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from autograder.course import Course
from autograder.gather import Found
from autograder.late import deadline_of, read_timestamp
from autograder.platforms import Told, told_by

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"
BESIDE = (TIMESTAMP, SECRET)  # nbgrader's exchange puts them beside a notebook
_NBGRADERS = "%Y-%m-%d %H:%M:%S.%f UTC"


def timestamp(
    course: Course, lab: str, student: str, best: Found | None, files: Sequence[Found]
) -> str:
    """When a student handed in, as nbgrader writes it; empty where nobody knows.

    Canvas says only whether it was late: its archives carry the time of the download. Then what was
    in time counts as handed in at the deadline at the latest, and what was late as just beyond it.

    Args:
        best: the file that counts; None where none does.
        files: everything that the student handed in.
    """
    told = _told(best, files, lab)
    if told:
        return told
    seconds = best.modified if best else max((one.modified for one in files), default=0.0)
    due, late = deadline_of(course, lab, student), _late(best, files, lab)
    if due is not None and late is not None:
        due = due.replace(tzinfo=UTC)
        if late:
            beyond = due + timedelta(minutes=course.late.grace_minutes, seconds=1)
            return beyond.strftime(_NBGRADERS)
        seconds = min(seconds, due.timestamp())
    return datetime.fromtimestamp(seconds, UTC).strftime(_NBGRADERS) if seconds else ""


def moment(one: Found, files: Sequence[Found], lab: str) -> float:
    """When a file was handed in, in seconds since 1970, to find the newest of several."""
    known = read_timestamp(_told(one, files, lab))
    return known.replace(tzinfo=UTC).timestamp() if known else one.modified


def _told(best: Found | None, files: Sequence[Found], lab: str) -> str:
    for one in files:
        beside = best is None or one.parts[:-1] == best.parts[:-1]
        if one.parts[-1] == TIMESTAMP and one.path and beside:
            text = one.path.read_bytes()[:100].decode("utf-8", "replace").strip()
            if read_timestamp(text):
                return text
    for one in [best] if best else files:
        words = [one.when, *(told.when for told in _names_tell(one, lab))]
        for text in words:
            if read_timestamp(text):
                return text
    return ""


def _late(best: Found | None, files: Sequence[Found], lab: str) -> bool | None:
    for one in [best] if best else files:
        for told in _names_tell(one, lab):
            if told.late is not None:
                return told.late
    return None


def _names_tell(one: Found, lab: str) -> list[Told]:
    """What the names on a file's path say, the innermost first."""
    names = (one.stem, *reversed(one.parts[:-1]))
    return [told for name in names if (told := told_by(name, lab)) is not None]
