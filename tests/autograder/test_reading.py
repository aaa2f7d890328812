"""Whatever an editor did to a notebook's bytes, it is read, or the reason why not is a sentence."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import warnings

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
        (b'{"cells": {}}', "not a notebook"),
        (b'{"worksheets": [7, {"cells": 7}]}', "no cells"),
        (b'{"url": "https://colab.research.google.com/drive/1", "doc_id": "1"}', "only a link"),
        (b"{\\rtf1 hello}", "a document"),
        (b"NaN", "JSON but not a notebook"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", "not JSON"),
        (b"\xfe\xff\xd8\x00", "broken"),
        (b'<<<<<<< HEAD\n{"cells": []}\n=======\n{}\n>>>>>>> theirs\n', "merge conflict"),
        (json.dumps({"cells": [{"source": ""}] * 6000}).encode(), "6000 cells: more than 5000"),
        (json.dumps({"cells": [{"source": "x" * 10**6}] * 51}).encode(), "million characters"),
        (b'{"cells": ' + b"[" * 100_000, "nested"),
        (b"\xff\xfe\x00", "broken"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_reason(data, why):
    with pytest.raises(Unreadable, match=why):
        read_notebook(data)


def of(*cells, **more) -> bytes:
    return json.dumps({"cells": list(cells), "nbformat": 4, **more}).encode()


GOOD = {"cell_type": "code", "source": ["a\n", "b"], "metadata": {}}


@pytest.mark.parametrize(
    "bad",
    [
        7,
        None,
        [],
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": ["a", 7]},
        {"cell_type": "code", "source": "#" * 1_100_000},
    ],
)
def test_a_cell_that_is_none_costs_only_itself(bad):
    notebook, notes = read_notebook(of(GOOD, bad, GOOD))
    assert [cell.source for cell in notebook.cells] == ["a\nb", "a\nb"]
    assert notes[0].startswith("cell 2 ")
    assert notes[0].endswith("it was left out")


@pytest.mark.parametrize(
    "data",
    [
        of(GOOD) + b"\x00" * 4096,
        of(GOOD) + b"}",
        of(GOOD) + of(GOOD),
        b"\n\n  " + of(GOOD),
        of(GOOD, nbformat="four", nbformat_minor=[], metadata=7),
        of(GOOD, nbformat_minor=99, metadata={"widgets": {"x": {}}}),
        of({**GOOD, "metadata": None, "id": 7, "outputs": 7, "execution_count": {}}),
        of({**GOOD, "outputs": [{"data": {"x": float("nan")}}]}),
        of({**GOOD, "attachments": {"a.png": "x"}, "metadata": {"nbgrader": {"grade_id": 7}}}),
        of({**GOOD, "metadata": {"nbgrader": []}}),
        of({**GOOD, "outputs": "[" * 50_000}),
    ],
)
def test_what_does_not_matter_is_passed_over(data):
    notebook, _ = read_notebook(data)
    assert [cell.source for cell in notebook.cells] == ["a\nb"]
    nbformat.validate(notebook)


def test_format_2_is_converted():
    sheet = {
        "cells": [{"cell_type": "code", "input": "a"}, {"cell_type": "heading", "source": "b"}]
    }
    notebook, notes = read_notebook(json.dumps({"nbformat": 2, "worksheets": [sheet]}).encode())
    assert [cell.source for cell in notebook.cells] == ["a", "# b"]
    assert notes == ["was in notebook format 2, converted"]


def test_a_name_that_can_not_be_written_is_mended():
    name = {"nbgrader": {"grade_id": "\ud800" + "x" * 1000}}
    notebook, _ = read_notebook(of({**GOOD, "metadata": name}))
    assert len(notebook.cells[0].metadata.nbgrader.grade_id.encode()) == 200


def test_colabs_ids_are_cell_ids():
    notebook, _ = read_notebook(of({**GOOD, "metadata": {"id": "view-in-github"}}))
    assert notebook.cells[0].id == "view-in-github"


def test_ids_that_cells_share_are_nobodys():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nbformat would complain to the instructor
        notebook, _ = read_notebook(of(*[{**GOOD, "id": "fgsm"}] * 3, {**GOOD, "id": "pgd"}))
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == 4
    assert "fgsm" not in ids
    assert "pgd" in ids


MEASURED = """
import json, resource, sys, time
from autograder.reading import read_notebook
outputs = [{"output_type": "stream", "name": "stdout", "text": "été" + "x" * 10**8}] * 2
cell = {"cell_type": "code", "source": "a", "outputs": outputs}
data = json.dumps({"cells": [cell], "nbformat": 4}, ensure_ascii=False).encode()
del outputs, cell
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
notebook, _ = read_notebook(data)
assert notebook.cells[0].source == "a"
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(len(data), after - before, time.process_time() - began)
"""


def test_200_mb_of_output_take_neither_memory_nor_time():
    code = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2 * 10**9, 2 * 10**9))"
    done = subprocess.run(
        [sys.executable, "-c", code + MEASURED], capture_output=True, text=True, check=True
    )
    size, kilobytes, seconds = map(float, done.stdout.split())
    assert size > 200_000_000
    assert kilobytes < 50_000
    assert seconds < 3


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
