"""Exceptions as words: which one, what it says, and where in the student's code it arose.

On the other side a built-in exception of the same class is raised, never one that takes over how
code runs (StopIteration would quietly end a loop of the check, SystemExit the checker).
"""

from __future__ import annotations

import builtins
import traceback
from dataclasses import dataclass, field
from typing import Any

_MOST_WORDS = 4000
_MOST_FRAMES = 8
_KEPT_BACK = (StopIteration, StopAsyncIteration, GeneratorExit, KeyboardInterrupt, SystemExit)
_CLASSES: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, (*_KEPT_BACK, Warning, UnicodeError, BaseExceptionGroup))
}


@dataclass(frozen=True)
class Origin:
    """Where an exception came from, on the other side of the line.

    Attributes:
        kind: the name of its class.
        frames: (function, line number, text of the line) in the student's code, outermost first.
        missing: the name that was not defined when the call began; empty otherwise.
    """

    kind: str
    message: str
    frames: list[tuple[str, int, str]] = field(default_factory=list)
    missing: str = ""


class Missing(NameError):
    """The function itself is not there."""


def is_remote(error: BaseException) -> bool:
    return isinstance(getattr(error, "origin", None), Origin)


def describe(error: BaseException) -> dict[str, Any]:
    """An exception for the line; one that can't even be printed included."""
    return {
        "kinds": [kind.__name__[:60] for kind in type(error).__mro__[:10] if kind is not Missing],
        "message": _words(error),
        "frames": _frames(error),
        "missing": str(error.name) if type(error) is Missing else "",
    }


def rebuild(plain: Any) -> Exception:
    """An exception for this side, with its `origin`.

    Raises:
        KeyError, TypeError, ValueError: it was no exception.
    """
    kinds = [str(kind)[:60] for kind in plain["kinds"]]
    frames = [(str(name)[:80], int(line), str(text)[:300]) for name, line, text in plain["frames"]]
    origin = Origin(kinds[0], str(plain["message"])[:_MOST_WORDS], frames, str(plain["missing"]))
    kind = next((_CLASSES[name] for name in kinds if name in _CLASSES), RuntimeError)
    error = kind(origin.message)
    if isinstance(error, NameError):
        error.name = origin.missing or None
    error.origin = origin  # type: ignore[attr-defined]
    return error


def _words(error: BaseException) -> str:
    try:
        # half characters can't be sent
        return str(error)[:_MOST_WORDS].encode("utf-8", "replace").decode("utf-8")
    except BaseException as other:
        return f"(its message can't be shown: {type(other).__name__})"


def _frames(error: BaseException) -> list[list[Any]]:
    from course_utils.check.blame import is_students

    try:
        found = [
            (frame, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if is_students(frame.f_code.co_filename)
        ]
        summary = traceback.StackSummary.extract(iter(found[-_MOST_FRAMES:]))
        return [[frame.name[:80], frame.lineno or 0, (frame.line or "")[:300]] for frame in summary]
    except Exception:  # a traceback that was tampered with
        return []
