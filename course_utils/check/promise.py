"""Runs a check and turns whatever goes wrong into one sentence that helps."""

from __future__ import annotations

import inspect
import os
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import torch

_NOT_THE_STUDENTS = (
    os.path.dirname(os.path.dirname(__file__)),  # course_utils
    sysconfig.get_path("purelib"),
    sysconfig.get_path("stdlib"),
    "<frozen",
)


class CheckFailed(AssertionError):
    """A promise that the student's code does not keep; the message is the diagnosis."""

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines in place of a traceback: the diagnosis is all there is to read.
        return [str(self)]


class CheckBroken(Exception):
    """The check itself is at fault."""

    def _render_traceback_(self) -> list[str]:
        return [f"{self}", *traceback.format_exception(self.__cause__)]


def promise(check: Callable[[], None]) -> None:
    """Runs `check` now, in a neutral state of torch; prints its promise when it holds.

    Args:
        check: a function without arguments; its docstring is the promise.

    Raises:
        CheckFailed: the student's code does not keep the promise; the message says why.
        CheckBroken: the check itself is at fault.
    """
    text = " ".join((inspect.getdoc(check) or check.__name__.replace("_", " ")).split())
    try:
        with _neutral_state():
            check()
    except CheckFailed as failure:
        raise CheckFailed(f"✗ {text}\n  {failure}") from None
    except (Exception, SystemExit) as error:
        frames = _students_frames(error.__traceback__, check)
        if not frames and not _names_a_missing_global(error, check):
            raise CheckBroken(
                "this check is itself at fault, not your code: please tell the people who teach the course"
            ) from error
        raise CheckFailed(f"✗ {text}\n  {_diagnosis(error, frames)}") from None
    print(f"✓ {text}")


def _diagnosis(error: BaseException, frames: list[traceback.FrameSummary]) -> str:
    if isinstance(error, NotImplementedError):
        name = f"`{frames[-1].name}` is" if frames else "this is"
        return f"{name} not written yet: replace `raise NotImplementedError` by your code, run that cell, then this one"
    if isinstance(error, NameError) and not frames:
        return f"`{error.name}` is not defined: run the cell that defines it, then this one"
    where = (
        f" (line {frames[-1].lineno} of its cell, in {frames[-1].name}: {frames[-1].line})"
        if frames
        else ""
    )
    return f"your code stopped with {type(error).__name__}: {error}{where}"


def _students_frames(
    trace: TracebackType | None, check: Callable[[], None]
) -> list[traceback.FrameSummary]:
    """The frames of code that is neither the check's nor a library's, outermost first."""
    frames = [
        frame
        for frame, _ in traceback.walk_tb(trace)
        if not frame.f_code.co_filename.startswith(_NOT_THE_STUDENTS)
        and not _written_in(frame.f_code, check)
    ]
    return list(traceback.StackSummary.extract((f, f.f_lineno) for f in frames))


def _written_in(code, check: Callable[[], None]) -> bool:
    """Whether `code` is the check itself or a function defined inside it."""
    todo = [check.__code__]
    while todo:
        outer = todo.pop()
        if outer is code:
            return True
        todo.extend(constant for constant in outer.co_consts if inspect.iscode(constant))
    return False


def _names_a_missing_global(error: BaseException, check: Callable[[], None]) -> bool:
    return isinstance(error, NameError) and error.name in check.__code__.co_names


@contextmanager
def _neutral_state() -> Iterator[None]:
    """Torch and warnings as a fresh interpreter has them, whatever the notebook did before."""
    dtype = torch.get_default_dtype()
    with (
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        torch.device("cpu"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(0)
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
