"""What a check says about side effects of the function it calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_watched: list[tuple[Any, ...]] = []


@contextmanager
def changing(*things: Any) -> Iterator[None]:
    """The functions called in the block are meant to change `things`, as a training step does a model.

    Where a function runs in another process, what it does to its arguments is seen by the check only
    inside this block, or inside `check.unchanged`; everywhere else the arguments stay as they are.
    """
    _watched.append(things)
    try:
        yield
    finally:
        _watched.pop()


def watched() -> list[Any]:
    """What the present block looks at."""
    return [thing for things in _watched for thing in things]
