"""Whatever an editor or a student does to the cells, each is known for what it is."""

from __future__ import annotations

import copy

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.build.cells import grade_id
from autograder.reading import Unreadable, read_notebook
from autograder.restore import restore
from tests.autograder.editors import as_colab, as_vscode, stripped
from tests.autograder.handed_in import ANSWER, SOLUTIONS, cell_of, solved
from tests.autograder.tiny import LAB

IN_ORDER = ["doubled", "test_doubled", "test_doubled_2", "mean", "test_mean", "written"]


@pytest.fixture(scope="module")
def put_back(tiny_notebooks):
    def put(submission):
        if isinstance(submission, bytes):
            submission, _ = read_notebook(submission)
        before = copy.deepcopy(submission)
        restored = restore(submission, tiny_notebooks.instructor, LAB)
        assert submission == before
        nbformat.validate(restored.notebook)
        return restored

    return put


def order(restored) -> list[str]:
    return [grade_id(cell) for cell in restored.notebook.cells if grade_id(cell)]


def code_before(restored, name: str) -> str:
    """All that runs before a cell."""
    cells = restored.notebook.cells
    return "\n".join(cell.source for cell in cells[: cells.index(cell_of(restored.notebook, name))])


def whole(restored) -> bool:
    """The student's functions and answer in their cells, and every check once."""
    notebook = restored.notebook
    return (
        order(restored) == IN_ORDER
        and all(code in cell_of(notebook, name).source for name, code in SOLUTIONS.items())
        and ANSWER in cell_of(notebook, "written").source
        and restored.answered == {"written"}
    )


@pytest.mark.parametrize("kept", [True, False], ids=["metadata kept", "metadata lost"])
@pytest.mark.parametrize("saved_by", [as_colab, as_vscode])
def test_what_editors_make_of_a_notebook_is_the_same_work(put_back, tiny_notebooks, saved_by, kept):
    restored = put_back(saved_by(solved(tiny_notebooks), keep_nbgrader=kept))
    assert whole(restored)
    assert not any("set-up" in repair for repair in restored.repairs)
    assert "import math" in [cell.source for cell in restored.notebook.cells]


def test_colabs_badge_is_no_answer(put_back, tiny_notebooks):
    assert put_back(as_colab(tiny_notebooks.student)).answered == set()


def test_without_metadata_ids_and_markers_the_text_and_the_place_tell(put_back, tiny_notebooks):
    restored = put_back(stripped(solved(tiny_notebooks), markers=False))
    assert whole(restored)
    assert "recognised by its place: written" in restored.repairs


def test_a_renamed_function_is_known_by_its_place(put_back, tiny_notebooks):
    submission = stripped(solved(tiny_notebooks, mean="def average(v):\n    return 1"), False)
    restored = put_back(submission)
    assert "def average" in cell_of(restored.notebook, "mean").source
    assert order(restored) == IN_ORDER


def test_a_function_in_a_cell_of_its_own_replaces_the_stub(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks, mean="")
    cell_of(submission, "mean").source = cell_of(tiny_notebooks.student, "mean").source
    for at in (1, len(submission.cells)):
        moved = copy.deepcopy(submission)
        moved.cells.insert(at, new_code_cell(SOLUTIONS["mean"]))
        restored = put_back(moved)
        assert "NotImplementedError" not in "".join(c.source for c in restored.notebook.cells)
        assert SOLUTIONS["mean"] in code_before(restored, "test_mean")
        assert "recognised by what it defines: mean" in restored.repairs


def test_all_functions_in_one_cell_are_not_undone_by_the_stubs(put_back, tiny_notebooks):
    submission = copy.deepcopy(tiny_notebooks.student)
    cell_of(submission, "mean").source = "\n\n".join(["# @mean", *SOLUTIONS.values()])
    restored = put_back(submission)
    assert "NotImplementedError" not in "".join(cell.source for cell in restored.notebook.cells)
    assert SOLUTIONS["doubled"] in code_before(restored, "test_doubled")
    assert "written in the cell of another function: doubled" in restored.repairs
    assert sorted(order(restored)) == sorted(IN_ORDER)


def test_a_function_written_into_a_check_cell_is_kept(put_back, tiny_notebooks):
    submission = copy.deepcopy(tiny_notebooks.student)
    check = cell_of(submission, "test_mean")
    check.source = f"# @test_mean\nimport statistics\n{SOLUTIONS['mean']}\n\n{check.source}"
    restored = put_back(submission)
    assert SOLUTIONS["mean"] in code_before(restored, "test_mean").replace("\n\n", "\n")
    assert "import statistics" in code_before(restored, "test_mean")
    assert "what was written into it was kept in a cell of its own: test_mean" in restored.repairs
    assert order(restored) == IN_ORDER


def test_a_loosened_check_leaves_nothing_of_itself(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    cell_of(submission, "test_mean").source = "# @test_mean\nmean = lambda v: 3\nassert True"
    restored = put_back(submission)
    assert "lambda" not in "".join(cell.source for cell in restored.notebook.cells)


def test_a_check_cell_merged_into_its_solution_costs_nothing(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    merged = cell_of(submission, "mean")
    merged.source += "\n\n" + cell_of(submission, "test_mean").source
    submission.cells.remove(cell_of(submission, "test_mean"))
    restored = put_back(submission)
    assert order(restored) == IN_ORDER
    assert "missing, put back: test_mean" in restored.repairs


@pytest.mark.parametrize("copied", [True, False], ids=["metadata copied", "metadata new"])
def test_a_function_split_in_two_is_joined(put_back, tiny_notebooks, copied):
    submission = solved(tiny_notebooks)
    at = submission.cells.index(cell_of(submission, "doubled"))
    head, tail = submission.cells[at].source.rsplit("\n", 1)
    half = new_code_cell(tail)
    submission.cells[at].source = head
    half.metadata = copy.deepcopy(submission.cells[at].metadata) if copied else half.metadata
    submission.cells.insert(at + 1, half)
    restored = put_back(submission)
    assert whole(restored)
    assert "had been split in two cells, joined: doubled" in restored.repairs


def test_a_helper_split_off_its_function_still_runs_first(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks, doubled="def twice(v):\n    return 2 * v")
    at = submission.cells.index(cell_of(submission, "doubled"))
    rest = copy.deepcopy(submission.cells[at])
    rest.source = "def doubled(values):\n    return list(map(twice, values))"
    submission.cells.insert(at + 1, rest)
    restored = put_back(submission)
    assert cell_of(restored.notebook, "doubled").source == rest.source
    assert "def twice" in code_before(restored, "doubled")


@pytest.mark.parametrize("fence", ["{}", "```python\n{}\n```"])
@pytest.mark.parametrize("make", [new_markdown_cell, new_raw_cell])
@pytest.mark.parametrize("known", [True, False], ids=["with metadata", "without"])
def test_a_function_in_a_text_cell_is_code_again(put_back, tiny_notebooks, make, fence, known):
    submission = solved(tiny_notebooks)
    cell = cell_of(submission, "mean")
    text = make(fence.format(SOLUTIONS["mean"]))
    text.metadata = cell.metadata if known else text.metadata
    submission.cells[submission.cells.index(cell)] = text
    restored = put_back(submission)
    assert cell_of(restored.notebook, "mean").cell_type == "code"
    assert cell_of(restored.notebook, "mean").source == SOLUTIONS["mean"]


def test_an_answer_in_a_code_cell_is_text_again(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    cell = cell_of(submission, "written")
    code = new_code_cell(cell.source)
    code.metadata = cell.metadata
    submission.cells[submission.cells.index(cell)] = code
    restored = put_back(submission)
    assert cell_of(restored.notebook, "written").cell_type == "markdown"
    assert restored.answered == {"written"}


@pytest.mark.parametrize("schema", [None, 0, 1, 2])
def test_older_nbgrader_metadata_is_understood(put_back, tiny_notebooks, schema):
    submission = solved(tiny_notebooks)
    for cell in submission.cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            meta.pop("task", None)
            meta.pop("cell_type", None)
            meta.pop("schema_version")
            meta |= {} if schema is None else {"schema_version": schema}
    assert whole(put_back(submission))


def test_work_of_an_older_release_keeps_what_is_still_asked_for(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    cell_of(submission, "test_doubled_2").metadata.nbgrader.grade_id = "test_doubled_extra"
    old = copy.deepcopy(cell_of(submission, "mean"))  # a function that was dropped since
    old.source = "# @median\ndef median(values):\n    return sorted(values)[len(values) // 2]"
    old.metadata.nbgrader.grade_id, old.id = "median", "median"
    submission.cells.insert(5, old)
    restored = put_back(submission)
    assert whole(restored)
    assert "not in this release of the lab, and not graded: median" in restored.repairs


def test_the_notebook_of_another_lab_is_not_taken_for_this_one(put_back, tiny_notebooks):
    """Labs share names (`written`, `pretext_step`) and set-up cells."""
    other = solved(tiny_notebooks)
    for cell in other.cells:
        name = grade_id(cell)
        if name and name != "written":
            cell.metadata.nbgrader.grade_id, cell.id = f"other_{name}", f"other_{name}"
            cell.source = f"# @other_{name}\npass"
    with pytest.raises(Unreadable, match=r"other_doubled, .* do not belong to tiny"):
        put_back(other)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_shuffling_copying_dropping_or_stripping_loses_a_check_or_a_function(
    put_back, tiny_notebooks, data
):
    submission = solved(tiny_notebooks)
    cells = submission.cells
    picked = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=2 * len(cells)))
    submission.cells = [copy.deepcopy(cells[index]) for index in picked]
    for cell in submission.cells:
        lost = data.draw(st.sampled_from(["nothing", "metadata", "all"]))
        if lost != "nothing":
            cell.metadata = {}
        if lost == "all":
            cell.id, cell.source = f"x{id(cell)}", cell.source.split("\n", 1)[-1]
    try:
        restored = put_back(submission)
    except Unreadable:
        assert not any(cells[index].source.startswith("# @") for index in picked)
        return
    assert sorted(order(restored)) == sorted(IN_ORDER)
    names = order(restored)
    assert names.index("doubled") < names.index("test_doubled")
    assert names.index("mean") < names.index("test_mean")
    for name, code in SOLUTIONS.items():
        there = any(code in cell.source for cell in submission.cells)
        assert (code in cell_of(restored.notebook, name).source) == there
