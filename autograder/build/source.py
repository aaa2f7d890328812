"""A percent source as a notebook: complete nbgrader metadata, markers, steady cell ids."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict

from autograder.build import colab, glossary
from autograder.build.cells import (
    BEGIN_SOLUTION,
    END_SOLUTION,
    FOLDED,
    SCHEMA,
    BuildRefused,
    grade_id,
    is_solution,
    is_test,
    marked_as,
    marker,
    nbgrader,
)
from autograder.course import Course

# What jupytext writes down for itself about how a cell was written.
_JUPYTEXT_NOTES = {"lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker"}
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def read_source(path: Path) -> NotebookNode:
    """The cells of a percent source, their graded ones with complete metadata and a marker.

    Raises:
        BuildRefused: no such file, or its text is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BuildRefused(
            f"{path.stem} has no source: write {path}, or take it out of course.toml"
        ) from None
    except UnicodeDecodeError as error:
        raise BuildRefused(f"{path} is not UTF-8 ({error}): save it as UTF-8") from None
    import jupytext  # takes a while, and those who only read built notebooks don't need it

    notebook = jupytext.reads(text, fmt="py:percent")
    for cell in notebook.cells:
        for note in _JUPYTEXT_NOTES & cell.metadata.keys():
            del cell.metadata[note]
        if nbgrader(cell):
            cell.metadata["nbgrader"] = _completed(nbgrader(cell))
        if is_solution(cell) or is_test(cell):
            _mark(cell)
        if is_test(cell):
            cell.metadata.update(FOLDED)
    return notebook


def instructor_notebook(course: Course, source: Path, notebook: Path) -> NotebookNode:
    """The notebook that the source stands for, solutions and hidden tests in it.

    Args:
        source: the percent source.
        notebook: where the built notebook belongs, below the course's folder.

    Raises:
        BuildRefused: the source can't be read, or links a word that the glossary does not have.
    """
    built = read_source(source)
    built.cells = [*colab.head(course, notebook), *built.cells]
    _give_ids(built.cells)
    # after the ids, which are made of texts: a better sentence in the glossary is no other cell
    built.cells = glossary.explain(source.stem, built.cells, course.home / glossary.GLOSSARY)
    built.metadata = from_dict(
        {
            "course": {},
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
        }
    )
    built.nbformat, built.nbformat_minor = 4, 5
    return built


def _completed(meta: dict[str, Any]) -> NotebookNode:
    """A source may leave out what follows from the rest; nbgrader wants all of it."""
    solution, grade = bool(meta.get("solution")), bool(meta.get("grade"))
    full = {
        "schema_version": SCHEMA,
        "solution": solution,
        "grade": grade,
        "task": False,
        "locked": grade and not solution,
        **meta,
    }
    if not (grade or full["task"]):
        full.pop("points", None)
    return from_dict(full)


def _mark(cell: NotebookNode) -> None:
    """Puts the marker first, and the whole of a solution without a marked region between region
    marks: nbgrader would clear the marker away with the rest of such a cell."""
    lines = cell.source.split("\n")
    if marked_as(cell.source):
        first, rest = lines[0], lines[1:]
    else:
        first, rest = marker(cell), lines
    if is_solution(cell) and not any("BEGIN SOLUTION" in line for line in rest):
        rest = [BEGIN_SOLUTION, *rest, END_SOLUTION]
    cell.source = "\n".join([first, *rest])


def _give_ids(cells: list[NotebookNode]) -> None:
    """Ids that stay when other cells come and go: the grade_id, else a hash of the text."""
    taken: set[str] = set()
    for cell in cells:
        if grade_id(cell):
            cell.id = grade_id(cell)[:64]
        elif cell.id not in colab.HEAD_IDS:
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
            cell.id = f"{cell.cell_type}-{digest[:10]}"
        first, count = cell.id, 1
        while cell.id in taken:
            count += 1
            cell.id = f"{first[:58]}-{count}"
        taken.add(cell.id)
