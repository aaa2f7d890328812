"""Broken work, of which everything that is right still counts, and files that can't be read."""

from __future__ import annotations

import copy
import json

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.build.cells import grade_id, is_test
from autograder.results import UNREADABLE
from autograder.samples.kit import Kit, Sample, bytes_of, with_cell


def broken(kit: Kit) -> list[Sample]:
    """Something in it fails, ends the kernel, or never ends."""
    one, other, third, fourth = (kit.alone(number) for number in range(4))
    quit_early, never_ends = "import os\nos._exit(0)", "while True:\n    pass"
    typo = f"# @{one}\ndef {one}(\n    return 1"
    again = f"# @{fourth}\ndef {fourth}(*a, **b):\n    return {fourth}(*a, **b)"
    return [
        kit.hand_in("typo", f"a syntax error in {one}", kit.solved(**{one: typo}), [one]),
        kit.hand_in("missing", f"deleted the cell of {other}", _without(kit, other), [other]),
        kit.hand_in("shuffled", "right; check cells deleted, the rest upside down", _shuffled(kit)),
        kit.hand_in(
            "endless",
            f"{third} never ends",
            kit.solved(**{third: kit.body(third, never_ends)}),
            [third],
        ),
        kit.hand_in(
            "forever",
            "right; an experiment of their own never ends and ignores interrupts",
            with_cell(kit.solved(), _STUBBORN),
        ),
        kit.hand_in(
            "bottomless", f"{fourth} calls itself for ever", kit.solved(**{fourth: again}), [fourth]
        ),
        kit.hand_in(
            "latin1", "right; saved as Latin-1", _latin1(kit.solved()), place="{name}_{lab}.ipynb"
        ),
        kit.hand_in("oldformat", "right; saved in notebook format 3", _format3(kit.solved())),
        kit.hand_in(
            "quitter",
            f"{one} ends the process (os._exit)",
            kit.solved(**{one: kit.body(one, quit_early)}),
            [one],
        ),
    ]


def unreadable(kit: Kit) -> list[Sample]:
    """No notebook of this lab."""
    right = bytes_of(kit.solved())
    foreign = bytes_of(new_notebook(cells=[new_code_cell("print('my other course')")]))
    return [
        Sample(
            "cutoff", "the upload broke off half way", right[: len(right) // 2], 0.0, UNREADABLE
        ),
        Sample("empty", "an empty file", b"", 0.0, UNREADABLE),
        Sample("elsewhere", "the notebook of another course", foreign, 0.0, UNREADABLE),
    ]


def _without(kit: Kit, function: str) -> NotebookNode:
    notebook = kit.solved()
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) != function]
    return notebook


def _shuffled(kit: Kit) -> NotebookNode:
    notebook = kit.solved()
    notebook.cells = [cell for cell in notebook.cells if not is_test(cell)][::-1]
    return notebook


def _latin1(notebook: NotebookNode) -> bytes:
    with_cell(notebook, "été = 'déjà vu'  # naïve", at=len(notebook.cells))
    text = json.dumps(json.loads(nbformat.writes(notebook, version=4)), ensure_ascii=False)
    return text.encode("latin-1", errors="replace")


def _format3(notebook: NotebookNode) -> bytes:
    cells = []
    for cell in copy.deepcopy(notebook).cells:
        kind = {"cell_type": cell.cell_type, "metadata": dict(cell.metadata)}
        if cell.cell_type == "code":
            kind |= {"input": cell.source, "language": "python", "outputs": [], "collapsed": False}
        else:
            kind["source"] = cell.source
        cells.append(kind)
    content = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells}],
    }
    return json.dumps(content).encode("utf-8")


_STUBBORN = """\
import time
while True:
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        pass"""
