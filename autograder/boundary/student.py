"""The end of the line inside the sandbox."""

from __future__ import annotations

import socket

_line: socket.socket | None = None


def attach(line: socket.socket) -> None:
    """Keeps the connected socket until a check cell is served."""
    global _line
    _line = line
