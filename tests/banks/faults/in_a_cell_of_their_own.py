"""Right work; one function stands in a cell of the student's own at the end, its own cell is empty."""

from autograder.build.cells import grade_id
from autograder.build.student import student_notebook
from autograder.samples.kit import with_cell


def submission(kit):
    name = kit.alone(2)
    stub = student_notebook(kit.assignment)
    empty = {grade_id(cell): cell.source for cell in stub.cells if grade_id(cell) == name}
    work = kit.solved(**empty)
    code = kit.solutions[name].split("\n", 1)[1]
    work = with_cell(work, code, at=len(work.cells))
    return kit.hand_in(__name__, __doc__, work, says=f"recognised by what it defines: {name}")
