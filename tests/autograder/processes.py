"""What the tests of the sandboxes ask about processes."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil


def sleepers(seconds: int) -> list[psutil.Process]:
    """Those that run `sleep SECONDS`, a number that marks whose they are."""
    wanted = ["sleep", str(seconds)]
    return [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == wanted]


def wait_for(condition: Callable[[], object]) -> None:
    """Fails when it is not so within 20 seconds."""
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)
