"""Copies of the tiny course in fixtures/, to build and spoil in a temporary folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course import Course, load_course

FIXTURES = Path(__file__).parent / "fixtures"
LAB, LECTURE = "tiny", "01_tiny"


def copy_course(folder: Path, **edits: tuple[str, str]) -> Course:
    """The tiny course, copied to a folder that is not there yet.

    Args:
        edits: which file (`lab`, `lecture`, `settings`) -> (text in it, what to put in its place).
    """
    shutil.copytree(FIXTURES, folder)
    for name, (old, new) in edits.items():
        edit(folder, name, old, new)
    return load_course(folder)


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replaces a text that must occur in one of the course's files."""
    path = (
        folder
        / {
            "lab": f"notebooks/source/labs/{LAB}.py",
            "lecture": f"notebooks/source/lectures/{LECTURE}.py",
            "settings": "course.toml",
        }[name]
    )
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def quiet(line: str) -> None:
    """A `report` that says nothing."""
