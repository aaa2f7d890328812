"""Whose fault an error is that arose in a check: the student's code, or the check itself."""

from __future__ import annotations

import inspect
import os
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType

_NOT_THE_STUDENTS = [
    os.path.dirname(os.path.dirname(__file__)),  # course_utils
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
    sysconfig.get_path("stdlib"),
    "<frozen",
]


@dataclass(frozen=True)
class Blame:
    """An error of the student's code.

    Attributes:
        kind: the name of its class.
        frames: (function, line number, text of the line) in the student's code, outermost first.
        missing: the name that the check needs and that is not defined; empty otherwise.
    """

    kind: str
    message: str
    frames: list[tuple[str, int, str]] = field(default_factory=list)
    missing: str = ""


def blame(error: BaseException, check: Callable[[], None]) -> Blame | None:
    """Where in the student's code an error arose; None where the check itself is at fault.

    An error that came from another process brings its own `origin`, shaped like a `Blame`.
    """
    origin = getattr(error, "origin", None)
    if origin is not None:
        return Blame(origin.kind, origin.message, origin.frames, origin.missing)
    frames = [
        frame
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if is_students(frame.f_code.co_filename) and not _written_in(frame.f_code, check)
    ]
    kind, message = type(error).__name__, str(error)
    if frames:
        summary = traceback.StackSummary.extract((f, f.f_lineno) for f in frames)
        told = [(frame.name, frame.lineno or 0, frame.line or "") for frame in summary]
        return Blame(kind, message, told)
    if isinstance(error, NameError) and error.name in check.__code__.co_names:
        return Blame(kind, message, missing=error.name)
    return None


def is_students(filename: str) -> bool:
    """Whether a file of code is neither a library's nor the course's."""
    return not filename.startswith(tuple(_NOT_THE_STUDENTS))


def not_the_students(folder: str) -> None:
    """Code below `folder` is never the student's either."""
    _NOT_THE_STUDENTS.append(folder)


def _written_in(code: CodeType, check: Callable[[], None]) -> bool:
    """Whether `code` is the check itself or a function defined inside it."""
    todo = [check.__code__]
    while todo:
        outer = todo.pop()
        if outer is code:
            return True
        todo.extend(constant for constant in outer.co_consts if inspect.iscode(constant))
    return False
