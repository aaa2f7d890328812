"""The cells of a graded notebook as a page shows them: the student's own work, and nothing hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode

from autograder.build.cells import grade_id, is_manual, is_test
from autograder.build.glossary import without_words
from autograder.build.student import student_notebook
from autograder.course import HIDDEN_ALL
from autograder.pages import printable, student_markdown

_MOST_CHARACTERS = 10_000
_NOT_RUN = "Not run while grading"
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")


@dataclass(frozen=True)
class Output:
    """Text, or a picture as a data: address."""

    text: str = ""
    image: str = ""


@dataclass(frozen=True)
class Shown:
    """One cell: a heading of the instructor's, prose of the student's, or code and what it showed."""

    heading: str = ""
    html: Markup | None = None
    code: str = ""
    outputs: list[Output] = field(default_factory=list)


def run_cells(notebook: NotebookNode, assignment: NotebookNode, policy: str) -> list[Shown]:
    """What a student's page shows of the notebook.

    Args:
        notebook: as it was graded, with outputs; the instructor's checks are in it.
        assignment: the instructor's notebook.
        policy: with course.HIDDEN_ALL the check cells are shown too, hidden parts and all.
    """
    cells = student_notebook(assignment).cells
    released = {without_words(cell.source) for cell in cells if not grade_id(cell)}
    return list(_shown(notebook, released, policy == HIDDEN_ALL))


def _shown(notebook: NotebookNode, released: set[str], with_checks: bool) -> Iterator[Shown]:
    heading = ""
    for cell in notebook.cells:
        if is_manual(cell) or (is_test(cell) and not with_checks):
            continue  # the page tells of these elsewhere
        text = without_words(cell.source)
        if cell.cell_type == "markdown" and text in released:
            heading = _heading(text) or heading
        elif cell.cell_type == "markdown" and text.strip():
            yield Shown(heading, student_markdown(text))
            heading = ""
        elif cell.cell_type == "code" and cell.source.strip() and not _left_out(cell, released):
            yield Shown(heading, None, printable(cell.source), list(_outputs(cell)))
            heading = ""


def _heading(source: str) -> str:
    headings = re.findall(r"^#{1,4} +(.+)$", source, re.MULTILINE)
    return headings[-1].strip() if headings else ""


def _left_out(cell: NotebookNode, released: set[str]) -> bool:
    """A demonstration of the instructor's that was not run."""
    said = "".join(_text(output.get("text", "")) for output in cell.get("outputs", []))
    return cell.source in released and said.startswith(_NOT_RUN)


def _outputs(cell: NotebookNode) -> Iterator[Output]:
    for output in cell.get("outputs", []):
        kind = output.get("output_type")
        if kind == "stream":
            yield Output(_cut(_text(output.get("text", ""))))
        elif kind == "error":
            lines = output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"]
            yield Output(_cut("\n".join(map(str, lines))))
        else:
            yield from _data(output.get("data") or {})


def _data(data: dict[str, Any]) -> Iterator[Output]:
    """A picture where there is one, else plain text; what would be HTML or a script is never shown."""
    for kind in ("image/png", "image/jpeg"):
        encoded = _text(data.get(kind, ""))
        if encoded and _BASE64.fullmatch(encoded):
            yield Output(image=f"data:{kind};base64,{''.join(encoded.split())}")
            return
    text = _text(data.get("text/plain", ""))
    if text:
        yield Output(_cut(text))


def _cut(text: str) -> str:
    text = printable(text)
    more = len(text) - _MOST_CHARACTERS
    return text if more <= 0 else f"{text[:_MOST_CHARACTERS]}\n… {more} more characters"


def _text(value: Any) -> str:
    """nbformat allows a list of lines wherever it allows a string."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
