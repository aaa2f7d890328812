"""Notebooks as editors write them: Colab's and VS Code's own shapes of the same work."""

from __future__ import annotations

import io
import json
import random
import stat
import string
import zipfile
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.cells import marked_as
from autograder.samples.kit import bytes_of

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
_COLAB_RAN = {
    "colab": {"base_uri": "https://localhost:8080/", "height": 35},
    "executionInfo": {
        "status": "ok",
        "timestamp": 1763630825420,
        "user_tz": -60,
        "elapsed": 188,
        "user": {"displayName": "Ana Example", "userId": "03386744220426758265"},
    },
}
_COLAB_MODEL = {
    "model_module": "@jupyter-widgets/controls",
    "model_name": "VBoxModel",
    "model_module_version": "1.5.0",
    "state": {"_dom_classes": [], "children": []},
}


def as_colab(
    notebook: NotebookNode,
    keep_nbgrader: bool = False,
    keep_ids: bool = False,
    forms: bool = True,
    omit_outputs: bool = False,
) -> bytes:
    """Saved by Google Colab, as downloaded from Drive.

    Its shape, from files that Colab saved (googlecolab/colabtools, notebooks/) and from its developers:
    format 4.0, keys in another order, an id of its own in each cell's metadata, and for cells that
    showed something a height, the id of the output and who ran it when; widgets' models without the
    `state` around them (colabtools issues 4559 and 5288); cell ids only where the notebook came with
    some, and then beside its own (sagemathinc/cocalc issue 5504).

    Args:
        keep_nbgrader: leave the metadata of other programs in place.
        keep_ids: format 4.5, with the ids that the cells came with.
        forms: every code cell made a form by its author: a title in its first line.
        omit_outputs: the setting "Omit code cell output when saving this notebook".
    """
    draw = random.Random(3485)
    cells = [_colab_badge()]
    for number, cell in enumerate(notebook.cells):
        meta: dict[str, Any] = dict(cell.metadata) if keep_nbgrader else {}
        meta["id"] = "".join(draw.choices(string.ascii_letters + string.digits + "-_", k=12))
        written = {"cell_type": cell.cell_type, "source": cell.source.splitlines(keepends=True)}
        if keep_ids:
            written["id"] = meta["id"] = cell.id
        if cell.cell_type == "code":
            written |= {"execution_count": number, "outputs": []}
            if not omit_outputs:
                meta |= _COLAB_RAN | {"outputId": f"28b07730-954d-4958-f35a-{number:012x}"}
                written["outputs"] = _colab_outputs(number)
            if forms:
                meta["cellView"] = "form"
                written["source"].insert(0, '#@title Run me { display-mode: "form" }\n')
        cells.append({**written, "metadata": meta})
    metadata = {
        "colab": {
            "provenance": [{"file_id": "1xYz", "timestamp": 1763630825000}],
            "private_outputs": omit_outputs,
            "include_colab_link": True,
            "gpuType": "T4",
            "toc_visible": True,
        },
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"0b1": _COLAB_MODEL}},
    }
    content = {
        "nbformat": 4,
        "nbformat_minor": 5 if keep_ids else 0,
        "metadata": metadata,
        "cells": cells,
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def _colab_badge() -> dict[str, Any]:
    meta = {"id": "view-in-github", "colab_type": "text"}
    return {"cell_type": "markdown", "metadata": meta, "source": [_BADGE]}


def _colab_outputs(number: int) -> list[dict[str, Any]]:
    """One of each kind that Colab writes in its own way, by turns."""
    kind = number % 4
    if kind == 0:
        return [{"output_type": "stream", "name": "stdout", "text": ["0.92\n"]}]
    if kind == 1:
        view = {"model_id": "0b1", "version_major": 2, "version_minor": 0}
        data = {
            "text/plain": ["VBox()"],
            "application/vnd.jupyter.widget-view+json": {
                **view,
                "colab": {"custom_widget_manager": {"url": "https://ssl.gstatic.com/x.js"}},
            },
        }
        return [{"output_type": "display_data", "data": data, "metadata": {}}]
    if kind == 2:  # Colab offers to explain an error
        where = {"base_uri": "https://localhost:8080/", "height": 321}
        failed = {"ename": "NotImplementedError", "evalue": "", "traceback": ["…"]}
        return [{"output_type": "error", **failed, "metadata": where, "errorDetails": {}}]
    data = {
        "text/plain": ["'x'"],
        "application/vnd.google.colaboratory.intrinsic+json": {"type": "string"},
    }
    return [
        {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
    ]


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
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = NotebookNode(), f"new-{number}"
        lines = cell.source.split("\n")
        if not markers and marked_as(lines[0]) is not None:
            cell.source = "\n".join(lines[1:])
    return notebook


def as_format_3(notebook: NotebookNode, version: int = 3) -> bytes:
    """The worksheets of IPython 0.12 to 2."""
    cells = []
    for cell in notebook.cells:
        kind: dict[str, Any] = {"cell_type": cell.cell_type, "metadata": dict(cell.metadata)}
        if cell.cell_type == "code":
            kind |= {"input": cell.source, "language": "python", "outputs": [], "collapsed": False}
        else:
            kind["source"] = cell.source
        cells.append(kind)
    content = {
        "metadata": {"name": ""},
        "nbformat": version,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells}],
    }
    return json.dumps(content).encode()


def in_encoding(notebook: NotebookNode, encoding: str) -> bytes:
    """With a line that has accents, written out as they are."""
    notebook.cells.append(new_code_cell("été = 'déjà vu'  # naïve"))
    content = json.loads(nbformat.writes(notebook, version=4))
    return json.dumps(content, ensure_ascii=False).encode(encoding, errors="replace")


def zipped(
    files: dict[str, NotebookNode | bytes],
    links: dict[str, str] | None = None,
    encoding: str = "utf-8",
) -> bytes:
    """A zip archive, also one that no honest program would write.

    Args:
        links: symbolic links in it, path -> target.
        encoding: of the names; but for UTF-8 the archive does not say which.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else bytes_of(content)
            archive.writestr(_ZipEntry(name, encoding), data)
        for name, target in (links or {}).items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, target)
    return buffer.getvalue()


class _ZipEntry(zipfile.ZipInfo):
    def __init__(self, name: str, encoding: str) -> None:
        super().__init__()
        self.filename = name  # as it is: the base class would replace backslashes
        self.compress_type = zipfile.ZIP_DEFLATED
        self._encoding = encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        if self._encoding == "utf-8":
            return super()._encodeFilenameFlags()
        return self.filename.encode(self._encoding), self.flag_bits
