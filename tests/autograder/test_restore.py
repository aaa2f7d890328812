"""The instructor's cells are put back, the student's are kept, and it is told what was mended."""

from __future__ import annotations

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.build.cells import grade_id, is_test
from autograder.reading import Unreadable
from autograder.restore import restore
from tests.autograder.handed_in import SOLUTIONS, cell_of, solved, with_cell
from tests.autograder.tiny import LAB


@pytest.fixture
def put_back(tiny_notebooks):
    def put(submission):
        restored = restore(submission, tiny_notebooks.instructor, LAB)
        nbformat.validate(restored.notebook)
        return restored

    return put


def sources(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def order(notebook) -> list[str]:
    return [grade_id(cell) for cell in notebook.cells if grade_id(cell)]


IN_ORDER = ["doubled", "test_doubled", "test_doubled_2", "mean", "test_mean", "written"]


def test_an_honest_notebook_needs_no_repair(put_back, tiny_notebooks):
    restored = put_back(solved(tiny_notebooks))
    assert restored.repairs == []
    assert order(restored.notebook) == IN_ORDER
    assert "assert doubled([])" in cell_of(restored.notebook, "test_doubled").source  # hidden tests
    assert SOLUTIONS["mean"] in cell_of(restored.notebook, "mean").source
    assert restored.answered == {"written"}


def test_an_edited_check_cell_is_the_instructors_again(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    cell_of(submission, "test_mean").source = "pass"
    restored = put_back(submission)
    assert "assert abs(mean(" in cell_of(restored.notebook, "test_mean").source
    assert restored.repairs == ["not as released; the original was run: test_mean"]


def test_lost_metadata_is_made_up_for_by_the_markers(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    for cell in submission.cells:
        cell.metadata = {}
    restored = put_back(submission)
    assert order(restored.notebook) == IN_ORDER
    assert "markers" in restored.repairs[0]
    assert restored.answered == {"written"}


def test_a_function_without_metadata_and_marker_is_known_by_its_name(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    cell = cell_of(submission, "mean")
    cell.metadata, cell.source, cell.id = {}, SOLUTIONS["mean"], "another"
    restored = put_back(submission)
    assert cell_of(restored.notebook, "mean").source == SOLUTIONS["mean"]
    assert "recognised by what it defines: mean" in restored.repairs


def test_missing_cells_come_back_at_their_place(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    gone = {"test_doubled", "mean", "written"}
    submission.cells = [cell for cell in submission.cells if grade_id(cell) not in gone]
    restored = put_back(submission)
    assert order(restored.notebook) == IN_ORDER
    assert "NotImplementedError" in cell_of(restored.notebook, "mean").source
    assert restored.answered == set()


def test_checks_follow_what_they_check_whatever_the_order(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    submission.cells.reverse()
    names = order(put_back(submission).notebook)
    assert names.index("doubled") < names.index("test_doubled")
    assert names.index("mean") < names.index("test_mean")
    assert sorted(names) == sorted(IN_ORDER)


def test_doubled_check_cells_run_once(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    submission.cells += [copy.deepcopy(cell) for cell in submission.cells if is_test(cell)]
    assert order(put_back(submission).notebook) == IN_ORDER


def test_of_two_copies_of_a_solution_the_worked_one_counts(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    stub = copy.deepcopy(cell_of(tiny_notebooks.student, "mean"))
    submission.cells.append(stub)  # run last, it would undo the work
    restored = put_back(submission)
    assert order(restored.notebook).count("mean") == 1
    assert stub.source not in sources(restored.notebook)


def test_of_two_worked_copies_both_run_and_the_later_counts(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    at = submission.cells.index(cell_of(submission, "mean"))
    later = copy.deepcopy(submission.cells[at])
    later.source += "\n# better"
    submission.cells.insert(at + 1, later)
    restored = put_back(submission)
    assert cell_of(restored.notebook, "mean").source.endswith("# better")
    assert SOLUTIONS["mean"] in "".join(sources(restored.notebook)[: at + 1])


def test_a_solution_turned_into_markdown_is_code_again(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    at = submission.cells.index(cell_of(submission, "mean"))
    text = new_markdown_cell(submission.cells[at].source)
    text.metadata = submission.cells[at].metadata
    submission.cells[at] = text
    assert cell_of(put_back(submission).notebook, "mean").cell_type == "code"


def test_cells_of_the_students_own_stay_where_they_are(put_back, tiny_notebooks):
    submission = with_cell(solved(tiny_notebooks), "helper = 1", at=3)
    assert sources(put_back(submission).notebook)[3] == "helper = 1"


def test_lost_set_up_cells_come_back_first(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    submission.cells = [cell for cell in submission.cells if cell.source != "import math"]
    restored = put_back(submission)
    names = sources(restored.notebook)
    assert names.index("import math") < names.index(cell_of(restored.notebook, "doubled").source)


def test_set_up_cells_that_were_moved_down_run_first(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    submission.cells.reverse()
    names = sources(put_back(submission).notebook)
    assert names.count("import math") == 1
    assert names.index("import math") < min(
        names.index(cell_of(submission, name).source) for name in ("doubled", "mean")
    )


def test_cell_ids_are_unique_even_where_all_were_the_same(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    for cell in submission.cells:
        cell.id = "same"
    ids = [cell.id for cell in put_back(submission).notebook.cells]
    assert len(ids) == len(set(ids))


def test_an_answer_in_a_cell_of_its_own_is_left_to_a_person(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks, answer="")
    assert put_back(submission).answered == set()
    submission.cells.append(new_markdown_cell("When outliers carry it away."))
    assert put_back(submission).answered == {"written"}


def test_metadata_that_a_student_wrote_is_not_believed(put_back, tiny_notebooks):
    submission = solved(tiny_notebooks)
    meta = cell_of(submission, "test_mean").metadata.nbgrader
    meta.points, meta.locked, meta.grade = 1000, False, False
    cell_of(submission, "mean").metadata.nbgrader.update(grade=True, points=50)
    restored = put_back(submission).notebook
    assert cell_of(restored, "test_mean").metadata.nbgrader.points == 7
    assert not cell_of(restored, "mean").metadata.nbgrader.get("grade")


def test_a_notebook_of_another_lab_is_refused(put_back):
    other = new_notebook(cells=[new_code_cell("# @fgsm\ndef fgsm(): pass")])
    with pytest.raises(Unreadable, match="none of its cells belongs to tiny"):
        put_back(other)
