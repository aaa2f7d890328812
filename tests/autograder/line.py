"""Both ends of the line without a sandbox: a student's process, and the checker's session here."""

from __future__ import annotations

import contextlib
import io
import linecache
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


def in_one_process(cells: list[str], checks: dict[str, str]) -> dict[str, str]:
    """What each check says where the functions are in its own process, as in a student's notebook."""
    names: dict = {}
    for number, code in enumerate(cells):
        _execute(f"<cell {number}>", code, names)
    said = {}
    for title, source in checks.items():
        said[title] = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                _execute(f"<check {title}>", source, dict(names))
        except AssertionError as failure:
            said[title] = str(failure)
    return said


def _execute(file: str, source: str, names: dict) -> None:
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
