"""Submissions of the tiny lab, made from its notebooks."""

from __future__ import annotations

import copy

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.cells import grade_id, is_manual
from autograder.restore import is_student_code

SOLUTIONS = {
    "doubled": "def doubled(values):\n    return [2 * value for value in values]",
    "mean": "def mean(values):\n    return sum(values) / len(values) if values else math.nan",
}
ANSWER = "When a few of them are far away."


def solved(notebooks, answer: str = ANSWER, **codes: str) -> NotebookNode:
    """The student's notebook with right functions, or the given code in place of them."""
    notebook = copy.deepcopy(notebooks.student)
    for cell in notebook.cells:
        name = grade_id(cell)
        if is_student_code(cell):
            cell.source = f"# @{name}\n{codes.get(name, SOLUTIONS[name])}"
        elif name and is_manual(cell) and answer:
            cell.source = f"<!-- @{name} -->\n{answer}"
    return notebook


def with_cell(notebook: NotebookNode, code: str, at: int) -> NotebookNode:
    notebook.cells.insert(at, new_code_cell(code))
    return notebook


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def data_of(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook, version=4).encode()
