"""Right work; the names that checks use mean something else by now, torch among them."""

from autograder.build.cells import grade_id
from autograder.samples.kit import with_cell

CODE = """\
x = y = w = d = model = check = expected = gradient = "mine"
torch = F = device = models = plots = data = evaluating = None
range = len = sorted = print = lambda *a, **b: 0
"""


def submission(kit):
    name, work = list(kit.solutions)[-1], kit.solved()  # the one that needs none of them
    at = next(i for i, cell in enumerate(work.cells) if grade_id(cell) == name)
    return kit.hand_in(__name__, __doc__, with_cell(work, CODE, at=at + 1))
