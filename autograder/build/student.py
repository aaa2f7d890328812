"""The student's version of a lab: nbgrader's own steps, without its database."""

from __future__ import annotations

import copy

import nbformat
from nbformat.notebooknode import NotebookNode


def student_notebook(instructor: NotebookNode) -> NotebookNode:
    """Solutions cleared, hidden tests gone, no outputs; checksums that nbgrader's Validate knows.

    These are the steps of nbgrader's GenerateAssignment but the two that it would need a
    configuration or a gradebook for; `register` compares with what that converter writes.
    """
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    steps = [
        LockCells,
        ClearSolutions,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]
    notebook = copy.deepcopy(instructor)
    resources: dict[str, object] = {}
    for step in steps:
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """The .ipynb as it lies on disk: sorted keys, one final newline."""
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
