"""What a cell is to the grader, read off its nbgrader metadata."""

from __future__ import annotations

import re
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.course import CourseError

SCHEMA = 3
# What is long and not what a student came for: a click opens it in JupyterLab and Colab.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"


class BuildRefused(CourseError):
    """What the build won't make a notebook of; says which lab, which cell and what to do."""

    exit_status = 1


def nbgrader(cell: NotebookNode) -> dict[str, Any]:
    """The cell's nbgrader metadata; empty for a cell that the grader leaves alone."""
    return cell.metadata.get("nbgrader") or {}


def grade_id(cell: NotebookNode) -> str:
    return nbgrader(cell).get("grade_id", "")


def is_solution(cell: NotebookNode) -> bool:
    """The student writes here."""
    return bool(nbgrader(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Running it decides its points."""
    return bool(nbgrader(cell).get("grade")) and not is_solution(cell)


def is_manual(cell: NotebookNode) -> bool:
    """A person gives its points."""
    meta = nbgrader(cell)
    return (bool(meta.get("grade")) and is_solution(cell)) or bool(meta.get("task"))


def points(cell: NotebookNode) -> float:
    meta = nbgrader(cell)
    return float(meta.get("points", 0)) if meta.get("grade") or meta.get("task") else 0.0


def marker(cell: NotebookNode) -> str:
    """The first line of a solution or test cell: what tells it apart once its metadata is lost."""
    comment = "# @{}" if cell.cell_type == "code" else "<!-- @{} -->"
    return comment.format(grade_id(cell))


MARKER = re.compile(r"^\s*(?:#|<!--)\s*@(?P<grade_id>[\w-]+)\s*(?:-->)?\s*$")


def marked_as(source: str) -> str | None:
    """The grade_id in the marker on the first line of a cell's text; None where there is none."""
    found = MARKER.match(source.split("\n", 1)[0])
    return found["grade_id"] if found else None


def where(cell: NotebookNode) -> str:
    """How a message names a cell: its grade_id, else its first line."""
    if grade_id(cell):
        return f"cell {grade_id(cell)!r}"
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"the {cell.cell_type} cell that begins {first[:60]!r}"
