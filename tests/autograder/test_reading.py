"""Whatever an editor did to a notebook's bytes, it is read, or the reason why not is a sentence."""

from __future__ import annotations

import contextlib
import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.reading import Unreadable, read_notebook

NOTEBOOK = new_notebook(cells=[new_markdown_cell("# été"), new_code_cell("x = 'naïve'")])
TEXT = json.dumps(json.loads(nbformat.writes(NOTEBOOK)), ensure_ascii=False)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
def test_every_encoding_is_read(encoding):
    notebook, notes = read_notebook(TEXT.encode(encoding))
    assert [cell.source for cell in notebook.cells] == ["# été", "x = 'naïve'"]
    assert bool(notes) == (not encoding.startswith("utf-8"))


def test_format_3_is_converted():
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}]}
    notebook, notes = read_notebook(json.dumps(old).encode())
    assert notebook.cells[0].source == "a\nb"
    assert "format 3" in notes[0]


def test_outputs_are_left_behind_however_large_or_malformed():
    cell = {
        "cell_type": "code",
        "source": "1",
        "outputs": [["x" * 10_000_000], 7],
        "execution_count": "no",
    }
    notebook, _ = read_notebook(json.dumps({"cells": [cell]}).encode())
    assert notebook.cells[0].outputs == []
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b"\x00" * 1000, "the file is empty"),
        (b"hello", "not JSON"),
        (TEXT.encode()[:-40], "cut off"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....", "zip archive"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": [7]}', "cell 1 is no cell but int"),
        (b'{"cells": [{"cell_type": "code", "source": 7}]}', "cell 1 has no text but int"),
        (b'{"cells": ' + b"[" * 100_000, "nested"),
        (b"\xff\xfe\x00", "broken"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(data, why):
    with pytest.raises(Unreadable, match=why):
        read_notebook(data)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_are_too_strange(data):
    with contextlib.suppress(Unreadable):
        read_notebook(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.fixed_dictionaries({"cell_type": _JSON, "source": _JSON, "metadata": _JSON, "id": _JSON})
    )
)
def test_no_cells_are_too_strange(cells):
    with contextlib.suppress(Unreadable):
        notebook, _ = read_notebook(json.dumps({"cells": cells, "nbformat": 4}).encode())
        nbformat.validate(notebook)
