"""The bytes that somebody handed in, read as a notebook whatever their editor did to them."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

MOST_BYTES = 512_000_000
_MOST_CELLS = 5000
# Of code and text, outputs not counted. Pictures pasted into a text cell of Colab's are text as well.
_MOST_TEXT = 50_000_000
_MOST_CODE = 1_000_000
_SOUND_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Unreadable(Exception):
    """Why what was handed in can't be graded, as a sentence for its student."""


class _RawCell(msgspec.Struct):
    """What is kept of a cell; msgspec passes over the rest, outputs too, without building it."""

    cell_type: Any = None
    source: Any = msgspec.UNSET
    input: Any = msgspec.UNSET  # its name in formats 2 and 3
    id: Any = msgspec.UNSET
    metadata: Any = None


class _RawSheet(msgspec.Struct):
    cells: list[_RawCell] = []


class _RawNotebook(msgspec.Struct):
    nbformat: Any = 4
    cells: list[_RawCell] | None = None
    worksheets: list[_RawSheet] | None = None  # formats 2 and 3


_decode_quickly = msgspec.json.Decoder(_RawNotebook).decode


def read_notebook(data: bytes) -> tuple[NotebookNode, list[str]]:
    """A notebook in today's format, without outputs, from what was handed in.

    Returns:
        The notebook, and what had to be mended to read it, a phrase each.

    Raises:
        Unreadable: it is no notebook.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the file is empty")
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"the file has {len(data) / 1e6:.0f} MB: more than {MOST_BYTES / 1e6:.0f} MB. "
            "Clear the outputs and hand it in again"
        )
    try:
        return _read(data)
    except MemoryError:
        raise Unreadable(
            f"the file ({len(data) / 1e6:.0f} MB) takes more memory to read than there is. "
            "Clear the outputs and hand it in again"
        ) from None


def _read(data: bytes) -> tuple[NotebookNode, list[str]]:
    content, notes = _parsed(data)
    raw_cells = _cells_of(content)
    if not raw_cells:
        raise Unreadable("the notebook has no cells")
    if len(raw_cells) > _MOST_CELLS:
        raise Unreadable(f"the notebook has {len(raw_cells)} cells: more than {_MOST_CELLS}")
    cells = []
    for number, raw in enumerate(raw_cells, start=1):
        try:
            cells.append(_cell(raw, number))
        except Unreadable as problem:
            notes.append(f"{problem}; it was left out")
    if not cells:
        raise Unreadable(f"the file is no notebook: {notes[-1]}")
    ids = Counter(cell.id for cell in cells)
    for cell in cells:
        if ids[cell.id] > 1:  # it says nothing, and the format wants another
            cell.id = new_raw_cell().id
    total = sum(len(cell.source) for cell in cells)
    if total > _MOST_TEXT:
        raise Unreadable(
            f"its cells hold {total / 1e6:.0f} million characters of code and text: more than "
            f"{_MOST_TEXT / 1e6:.0f} million"
        )
    version = content.get("nbformat", 4)
    if isinstance(version, int) and version < 4:
        notes.append(f"was in notebook format {version}, converted")
    return new_notebook(cells=cells), notes


def _parsed(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The notebook as a dictionary, and what was odd about the file."""
    try:
        quick = _decode_quickly(data)
        if quick.cells or quick.worksheets:
            return {name: getattr(quick, name) for name in _RawNotebook.__struct_fields__}, []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # no UTF-8, NaN, or a fault that the patient way has words for
    text, notes = _decoded(data)
    text = text.strip("\x00 \t\r\n")
    try:
        content, end = json.JSONDecoder().raw_decode(text)
    except RecursionError:
        raise Unreadable("the file is not a notebook: its JSON is nested without end") from None
    except ValueError as error:
        raise Unreadable(_not_json(text, error)) from None
    if not isinstance(content, dict):
        raise Unreadable("the file is JSON but not a notebook")
    if end < len(text):
        notes.append("something stood behind the end of the notebook, and was left out")
    return content, notes


def _decoded(data: bytes) -> tuple[str, list[str]]:
    encoding = json.detect_encoding(data[:4])
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding not in ("utf-8", "utf-8-sig"):
            raise Unreadable(
                f"the file is broken: it begins as {encoding.upper()} text but is not"
            ) from None
        return data.decode("cp1252", errors="replace"), ["was saved as Latin-1"]
    plain = encoding in ("utf-8", "utf-8-sig")
    return text, [] if plain else [f"was saved as {encoding[:6].upper()}"]


def _not_json(text: str, error: ValueError) -> str:
    begin = text.lstrip()[:200].lower()
    if begin.startswith(("<!doctype", "<html")):
        return "the file is a web page, not a notebook: download the .ipynb itself"
    for mark, kind in (
        ("%pdf", "a PDF"),
        ("pk\x03\x04", "a zip archive"),
        ("{\\rtf", "a document"),
    ):
        if begin.startswith(mark):
            return f"the file is {kind}, not a notebook"
    if re.search(r"^<{7} ", text, re.MULTILINE) and re.search(r"^>{7} ", text, re.MULTILINE):
        return "the file holds two versions of the notebook: resolve the merge conflict in it"
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
        lists = [_field(sheet, "cells") for sheet in sheets]
        return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    if "url" in content or "doc_id" in content:
        raise Unreadable(
            "the file is only a link to a notebook: download the notebook itself (.ipynb)"
        )
    raise Unreadable("the file is JSON but not a notebook: it has no cells")


def _field(raw: Any, name: str) -> Any:
    value = raw.get(name, msgspec.UNSET) if isinstance(raw, dict) else getattr(raw, name, None)
    return None if value is msgspec.UNSET else value


def _cell(raw: Any, number: int) -> NotebookNode:
    """One cell; whatever it says beyond its kind, text, nbgrader metadata and id is left behind."""
    if not isinstance(raw, dict | _RawCell):
        raise Unreadable(f"cell {number} is no cell but {type(raw).__name__}")
    kind = _field(raw, "cell_type")
    source = _field(raw, "source")
    source = _text(_field(raw, "input") if source is None else source, number)
    if kind == "heading":
        kind, source = "markdown", f"# {source}"
    if kind == "code" and len(source) > _MOST_CODE:
        raise Unreadable(f"cell {number} holds {len(source) / 1e6:.1f} million characters of code")
    make = {"code": new_code_cell, "markdown": new_markdown_cell}.get(str(kind), new_raw_cell)
    cell: NotebookNode = make(source)
    metadata = _field(raw, "metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    identifier = _field(raw, "id") or metadata.get("id")  # Colab keeps a cell's id in its metadata
    if isinstance(identifier, str) and _SOUND_ID.fullmatch(identifier):
        cell.id = identifier
    nbgrader = metadata.get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if isinstance(name, str):
        cell.metadata["nbgrader"] = NotebookNode(grade_id=_writable(name)[:200])
    return cell


def _text(source: Any, number: int) -> str:
    if source is None:
        return ""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"cell {number} has no text but {type(source).__name__}")
    return _writable(source).replace("\r\n", "\n")


def _writable(text: str) -> str:
    """A lone surrogate is legal JSON, but can't be written or sent on."""
    return text.encode("utf-8", "replace").decode("utf-8")
