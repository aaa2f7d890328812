"""Notebooks as editors write them: Colab's and VS Code's own shapes of the same work."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

_TIMING = {
    "iopub.execute_input": "2026-11-20T09:27:05.420016Z",
    "iopub.status.busy": "2026-11-20T09:27:05.419434Z",
    "iopub.status.idle": "2026-11-20T09:27:05.423857Z",
    "shell.execute_reply": "2026-11-20T09:27:05.423255Z",
}
_BADGE = (
    '<a href="https://colab.research.google.com/github/someone/course/blob/main/lab.ipynb" '
    'target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" '
    'alt="Open In Colab"/></a>'
)


def as_colab(notebook: NotebookNode, keep_nbgrader: bool = False) -> bytes:
    """Saved by Google Colab: format 4.0, so no cell ids; ids, forms and sizes in the cells' metadata.

    Args:
        keep_nbgrader: leave the metadata of other programs in place.
    """
    draw = random.Random(3485)
    cells = [_colab_badge()]
    for cell in notebook.cells:
        meta: dict[str, Any] = dict(cell.metadata) if keep_nbgrader else {}
        meta["id"] = "".join(draw.choices(string.ascii_letters + string.digits + "-_", k=12))
        written = {"cell_type": cell.cell_type, "source": cell.source.splitlines(keepends=True)}
        if cell.cell_type == "code":
            meta["colab"] = {"base_uri": "https://localhost:8080/", "height": 35}
            meta["outputId"] = "28b07730-954d-4958-f35a-8c84d69cd588"
            meta["cellView"] = "form"
            written |= {"execution_count": 7, "outputs": [_colab_output()]}
            written["source"].insert(0, '#@title Run me { display-mode: "form" }\n')
        cells.append({**written, "metadata": meta})
    widgets = {"application/vnd.jupyter.widget-state+json": {"0b1": {"model_name": "HTMLModel"}}}
    metadata = {
        "colab": {"provenance": [], "include_colab_link": True, "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
        "widgets": widgets,  # without the `state` that the format asks for, as Colab writes it
    }
    content = {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def _colab_badge() -> dict[str, Any]:
    meta = {"id": "view-in-github", "colab_type": "text"}
    return {"cell_type": "markdown", "metadata": meta, "source": [_BADGE]}


def _colab_output() -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": ["'x'"], "application/vnd.google.colaboratory.intrinsic+json": {}},
        "metadata": {},
        "execution_count": 7,
    }


def as_vscode(notebook: NotebookNode, keep_nbgrader: bool = True) -> bytes:
    """Saved by VS Code: sorted keys, its own mark of a cell's language, a source that may be one string."""
    content = json.loads(nbformat.writes(notebook, version=4))
    for number, cell in enumerate(content["cells"]):
        meta = cell["metadata"] if keep_nbgrader else {}
        cell["metadata"] = {**meta, "vscode": {"languageId": "python"}, "execution": _TIMING}
        if number % 2:
            cell["source"] = "".join(cell["source"])
    content["metadata"] = {"language_info": {"name": "python", "version": 3}, "orig_nbformat": 4}
    content["nbformat_minor"] = 2  # while the cells keep the ids that only 4.5 knows
    return json.dumps(content, indent=1, sort_keys=True).encode()


def stripped(notebook: NotebookNode, markers: bool = True) -> NotebookNode:
    """The same cells without metadata and ids and, on request, without the build's markers."""
    from autograder.build.cells import marked_as

    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = NotebookNode(), f"new-{number}"
        lines = cell.source.split("\n")
        if not markers and marked_as(lines[0]) is not None:
            cell.source = "\n".join(lines[1:])
    return notebook
