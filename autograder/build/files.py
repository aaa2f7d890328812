"""Built files: compared with what is there, and replaced in one step."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class BuildResult:
    """What a build did, or under `check` what it would have done.

    written: files made or changed.
    unchanged: files that were right already.
    differs: one line for each file that is not what its source says (`check` only).
    refused: why a notebook was not built, a line or more each.
    """

    written: list[Path] = field(default_factory=list)
    unchanged: list[Path] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.differs or self.refused)


def put(path: Path, text: str, result: BuildResult) -> None:
    """Writes a file whole or not at all, and only where it would change."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        result.unchanged.append(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8", newline="\n")
    os.replace(half, path)
    result.written.append(path)
