"""The end of the line inside the sandbox: answers the check's calls with the student's functions.

Nothing here is trusted. A submission may change all of it, and gains nothing but the power to send
other answers, which the checker judges as it judges any.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_line: socket.socket | None = None


def attach(line: socket.socket) -> None:
    """Keeps the connected socket until a check cell is served."""
    global _line
    _line = line
    _stay()
    with suppress(Exception):  # what a first call needs is no part of the first check's time
        importlib.import_module("course_utils.check")
        importlib.import_module(f"{__package__}.peer")


def _stay() -> None:
    """exit(), quit() and a timer end nothing: else the kernel would be gone a moment after its cell."""
    from ipykernel.zmqshell import ZMQInteractiveShell

    ZMQInteractiveShell.ask_exit = lambda shell: None  # type: ignore[method-assign]
    signal.signal(signal.SIGALRM, signal.SIG_IGN)


def serve() -> None:
    """Answers calls until the checker has come to the end of its cell."""
    from course_utils.check.blame import not_the_students

    from .peer import Over, Peer
    from .wire import Wire

    not_the_students(os.path.dirname(__file__))
    assert _line is not None
    peer = Peer(Wire(_line), guarded=False, find=_find, around=_as_if_fresh)
    with suppress(Over):
        peer.serve()


def _find(name: str) -> Callable[..., Any]:
    """What the student's notebook calls `name`."""
    from .raised import Missing

    names = vars(sys.modules["__main__"])
    if name not in names:
        missing = Missing(f"name '{name}' is not defined")
        missing.name = name
        raise missing
    if not callable(names[name]):
        raise TypeError(f"`{name}` is no function but of type {type(names[name]).__name__}")
    return names[name]


@contextmanager
def _as_if_fresh(number: int) -> Iterator[None]:
    """Every call finds the same state, whatever the notebook did before, and draws its own numbers."""
    import numpy as np
    import torch

    from course_utils.check.promise import neutral_state

    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 (a student's function may draw from it)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with neutral_state(seed=number):
            yield
    finally:
        torch.set_num_threads(threads)
