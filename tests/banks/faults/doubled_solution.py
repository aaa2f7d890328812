"""A first try and the right one in a copy of its cell; an empty copy lies at the end."""

import copy

from autograder.build.cells import grade_id
from autograder.build.student import student_notebook


def submission(kit):
    name, work = kit.alone(1), kit.solved()
    at = next(i for i, cell in enumerate(work.cells) if grade_id(cell) == name)
    wrong = copy.deepcopy(work.cells[at])
    wrong.id += "-copy"
    wrong.source = f"# @{name}\ndef {name}(*a, **b):\n    return None"
    work.cells.insert(at, wrong)
    stub = student_notebook(kit.assignment)
    (empty,) = (cell for cell in stub.cells if grade_id(cell) == name)
    empty.id += "-empty"
    work.cells.append(empty)
    return kit.hand_in(__name__, __doc__, work, says="there twice; the later one counts")
