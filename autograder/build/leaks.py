"""Whether a solution or a hidden test can be read in a student notebook.

nbgrader takes the marked regions out; what it can't see is a copy of them somewhere else: in a hint,
in an unmarked cell, in metadata. Lines are compared without their white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.build.cells import BuildRefused, nbgrader, where
from autograder.build.rules import regions

# Shorter lines (`x = x + 1`, `else:`) are anybody's.
_WORTH_COUNTING = 12
# From here on one line by itself gives the idea away where it stands in prose.
_TELLING = 24
# Share of a region's lines that one cell may not reach. Checks look alike, so theirs is higher.
_SHARE = {"SOLUTION": 0.6, "HIDDEN TESTS": 0.8, "MARK SCHEME": 0.6}
_WHAT = {"SOLUTION": "solution", "HIDDEN TESTS": "hidden test", "MARK SCHEME": "marking scheme"}


@dataclass(frozen=True)
class _Secret:
    kind: str
    place: str
    lines: tuple[str, ...]  # without white space, those worth counting


def check_leaks(lab: str, instructor: NotebookNode, student: NotebookNode) -> None:
    """Refuses a student notebook that shows what it must not.

    A cell may not hold most of a region's lines (60 % of a solution's, 80 % of a hidden test's);
    prose may not quote a long line of one unless public code holds that line as well; metadata,
    attachments and outputs may not hold a long line at all.

    Raises:
        BuildRefused: which cell shows a line of which region, and what to do.
    """
    secrets = list(_secrets(instructor))
    found = [
        *_copies(secrets, student),
        *_quotes(secrets, student),
        *_tucked_away(secrets, student),
    ]
    if found:
        remedy = "Take it out of there, or word it otherwise"
        raise BuildRefused("\n".join(f"{lab}, {leak}. {remedy}" for leak in dict.fromkeys(found)))


def _secrets(instructor: NotebookNode) -> Iterator[_Secret]:
    for cell in instructor.cells:
        for kind in _SHARE:
            for region in regions(cell, kind):
                prose = cell.cell_type != "code"
                lines = [
                    _compact(line) for line in region if prose or not line.lstrip().startswith("#")
                ]
                yield _Secret(kind, where(cell), tuple(filter(_counts, lines)))


def _counts(line: str) -> bool:
    """Whether a line says something of its own; `return result` is one word without its space."""
    return len(line) >= _WORTH_COUNTING and not re.fullmatch(r"\w+", line)


def _copies(secrets: list[_Secret], student: NotebookNode) -> Iterator[str]:
    for cell in student.cells:
        shown = _compact(cell.source)
        for secret in secrets:
            distinct = dict.fromkeys(secret.lines)
            held = [line for line in distinct if line in shown]
            if held and len(held) >= ceil(_SHARE[secret.kind] * len(distinct)):
                yield _says(cell, secret, held[0])


def _quotes(secrets: list[_Secret], student: NotebookNode) -> Iterator[str]:
    public_code = "\n".join(
        _compact(cell.source) for cell in student.cells if cell.cell_type == "code"
    )
    for cell in student.cells:
        if cell.cell_type == "code":
            continue
        shown = _compact(cell.source)
        for secret in secrets:
            for line in secret.lines:
                if len(line) >= _TELLING and line in shown and line not in public_code:
                    yield _says(cell, secret, line)


def _tucked_away(secrets: list[_Secret], student: NotebookNode) -> Iterator[str]:
    places: list[tuple[str, Any]] = [("the notebook's metadata", student.metadata)]
    for cell in student.cells:
        beside = {key: value for key, value in cell.metadata.items() if key != "nbgrader"}
        others = [beside, cell.get("attachments"), cell.get("outputs"), dict(nbgrader(cell))]
        places.append((f"what is stored beside {where(cell)}", others))
    for place, value in places:
        shown = "\n".join(_compact(text) for text in _texts(value))
        for secret in secrets:
            for line in secret.lines:
                if len(line) >= _TELLING and line in shown:
                    yield f"{place} shows a line of the {_WHAT[secret.kind]} in {secret.place}: {line!r}"


def _says(cell: NotebookNode, secret: _Secret, line: str) -> str:
    return f"{where(cell)} shows students a line of the {_WHAT[secret.kind]} in {secret.place}: {line!r}"


def _texts(value: Any) -> Iterator[str]:
    """Every string within a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)
