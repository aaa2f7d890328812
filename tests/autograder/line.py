"""Both ends of the line without a sandbox: a student's process, and the checker's session here."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.boundary.checker import Session

ROOT = Path(__file__).parents[2]
_STUDENT = """
import linecache, socket, sys, torch
sys.path.append({folder!r})
from boundary import student, wire
line = socket.socket(fileno={fd})
student.attach(line)
for number, code in enumerate({cells!r}):
    file = f"<cell {{number}}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    exec(compile(code, file, "exec"), globals())
while True:
    try:
        student.serve()
    except wire.LineClosed:
        break
"""


@contextmanager
def session(
    *cells: str, names: dict[str, str] | None = None, prelude: tuple[str, ...] = ()
) -> Iterator[Session]:
    """A checker's session with a process that has run `cells`."""
    here, there = socket.socketpair()
    code = _STUDENT.format(folder=str(ROOT / "autograder"), fd=there.fileno(), cells=list(cells))
    student = subprocess.Popen([sys.executable, "-c", code], pass_fds=[there.fileno()])
    there.close()
    try:
        yield Session(here, names or {}, list(prelude))
    finally:
        here.close()
        student.kill()
        student.wait()
