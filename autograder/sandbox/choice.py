"""Which sandbox this machine has: bubblewrap before Docker or Podman before none."""

from __future__ import annotations

import functools

from autograder.sandbox import bubblewrap, container

BUBBLEWRAP, CONTAINER = "bubblewrap", "container"


@functools.cache
def kind() -> str:
    """What submissions run in here; empty where nothing is to be had."""
    if bubblewrap.why_not() is None:
        return BUBBLEWRAP
    return CONTAINER if container.why_not() is None else ""


def why_not() -> str | None:
    """None where submissions can be run safely, else sentences: what is wrong and what to do."""
    if kind():
        return None
    return f"{bubblewrap.why_not()}. A container would do as well, but {container.why_not()}"
