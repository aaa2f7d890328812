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
