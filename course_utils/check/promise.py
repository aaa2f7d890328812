"""Runs a check and turns whatever goes wrong into one sentence that helps."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from course_utils.check.blame import Blame, blame


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
        with neutral_state():
            check()
    except CheckFailed as failure:
        raise CheckFailed(f"✗ {text}\n  {failure}") from None
    except (Exception, SystemExit) as error:
        found = blame(error, check)
        if found is None:
            raise CheckBroken(
                "this check is itself at fault, not your code: please tell the people who teach the course"
            ) from error
        raise CheckFailed(f"✗ {text}\n  {_diagnosis(found)}") from None
    print(f"✓ {text}")


def _diagnosis(found: Blame) -> str:
    if found.missing:
        return f"`{found.missing}` is not defined: run the cell that defines it, then this one"
    if found.kind == "NotImplementedError":
        name = f"`{found.frames[-1][0]}` is" if found.frames else "this is"
        return f"{name} not written yet: replace `raise NotImplementedError` by your code, run that cell, then this one"
    where = ""
    if found.frames:
        name, line, text = found.frames[-1]
        where = f" (line {line} of its cell, in {name}: {text})"
    return f"your code stopped with {found.kind}: {found.message}{where}"


@contextmanager
def neutral_state(seed: int = 0) -> Iterator[None]:
    """Torch and warnings as a fresh interpreter has them, whatever the notebook did before."""
    dtype, deterministic = torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled()
    with (
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        torch.autograd.set_detect_anomaly(False),
        torch.autocast("cpu", enabled=False),
        torch.device("cpu"),
        np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(seed)
        if deterministic:  # asked first: setting it imports half of torch's compiler
            torch.use_deterministic_algorithms(False)
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            if deterministic:
                torch.use_deterministic_algorithms(True)
