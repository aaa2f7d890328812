"""Right work, all of it in the first exercise's cell; the other cells are as they were released."""

from autograder.build.cells import grade_id
from autograder.build.student import student_notebook


def submission(kit):
    first = next(iter(kit.solutions))
    stub = student_notebook(kit.assignment)
    stubs = {grade_id(cell): cell.source for cell in stub.cells if grade_id(cell)}
    work = kit.solved(**{**stubs, first: "\n\n".join(kit.solutions.values())})
    return kit.hand_in(__name__, __doc__, work, says="written in the cell of another function")
