"""The bytes that somebody handed in, read as a notebook whatever their editor did to them."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

MOST_BYTES = 512_000_000
_MOST_CELLS = 5000
_SOUND_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARKS = [  # the longer ones first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]


class Unreadable(Exception):
    """Why what was handed in can't be graded, as a sentence for its student."""


def read_notebook(data: bytes) -> tuple[NotebookNode, list[str]]:
    """A notebook in today's format, without outputs, from what was handed in.

    Returns:
        The notebook, and what had to be mended to read it, a phrase each.

    Raises:
        Unreadable: it is no notebook.
    """
    text, notes = _decoded(data)
    content = _parsed(text)
    version = content.get("nbformat", 4)
    cells = _cells_of(content)
    if not cells:
        raise Unreadable("the notebook has no cells")
    if len(cells) > _MOST_CELLS:
        raise Unreadable(f"the notebook has {len(cells)} cells: more than {_MOST_CELLS}")
    if isinstance(version, int) and version < 4:
        notes.append(f"was in notebook format {version}, converted")
    return new_notebook(cells=[_cell(cell, index) for index, cell in enumerate(cells)]), notes


def _decoded(data: bytes) -> tuple[str, list[str]]:
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty")
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"the file has {len(data) / 1e6:.0f} MB: more than {MOST_BYTES / 1e6:.0f} MB"
        )
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _as(data, name), [] if name == "utf-8-sig" else [f"was saved as {name.upper()}"]
    if data[:1] == b"\x00" or data[1:2] == b"\x00":
        name = "utf-16-be" if data[:1] == b"\x00" else "utf-16-le"
        return _as(data, name), ["was saved as UTF-16"]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ["was saved as Latin-1"]


def _as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(
            f"the file is broken: it begins as {encoding.upper()} text but is not"
        ) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except RecursionError:
        raise Unreadable("the file is not a notebook: its JSON is nested without end") from None
    except ValueError as error:
        raise Unreadable(_not_json(text, error)) from None
    if not isinstance(content, dict):
        raise Unreadable("the file is JSON but not a notebook")
    return content


def _not_json(text: str, error: ValueError) -> str:
    begin = text.lstrip()[:200].lower()
    if begin.startswith(("<!doctype", "<html")):
        return "the file is a web page, not a notebook: download the .ipynb itself"
    if begin.startswith("%pdf"):
        return "the file is a PDF, not a notebook"
    if begin.startswith("pk\x03\x04"):
        return "the file is a zip archive, not a notebook"
    if not isinstance(error, json.JSONDecodeError):
        return "the file is not JSON, so not a notebook"
    at_its_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    if begin.startswith("{") and at_its_end:
        return "the file is cut off: its JSON ends too early"
    return f"the file is not JSON, so not a notebook (line {error.lineno}: {error.msg})"


def _cells_of(content: dict[str, Any]) -> list[Any]:
    if isinstance(content.get("cells"), list):
        return content["cells"]
    sheets = content.get("worksheets")
    if isinstance(sheets, list):  # formats 2 and 3
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    raise Unreadable("the file is JSON but not a notebook: it has no cells")


def _cell(raw: Any, index: int) -> NotebookNode:
    """One cell; whatever it says beyond its kind, text, nbgrader metadata and id is left behind."""
    if not isinstance(raw, dict):
        raise Unreadable(f"cell {index + 1} is no cell but {type(raw).__name__}")
    kind = raw.get("cell_type")
    source = _text(raw.get("source", raw.get("input", "")), index)
    if kind == "heading":
        kind, source = "markdown", f"# {source}"
    make = {"code": new_code_cell, "markdown": new_markdown_cell}.get(str(kind), new_raw_cell)
    cell: NotebookNode = make(source)
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    identifier = raw.get("id", metadata.get("id"))  # Colab keeps a cell's id in its metadata
    if isinstance(identifier, str) and _SOUND_ID.fullmatch(identifier):
        cell.id = identifier
    nbgrader = metadata.get("nbgrader")
    if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
        cell.metadata["nbgrader"] = NotebookNode(grade_id=nbgrader["grade_id"])
    return cell


def _text(source: Any, index: int) -> str:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"cell {index + 1} has no text but {type(source).__name__}")
    # a lone surrogate is legal JSON, but can't be written or sent on
    return source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
