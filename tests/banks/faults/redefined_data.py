"""Right work; x, y and model are other things from the beginning."""

from autograder.samples.kit import with_cell

CODE = """\
x, y = 3, "labels"
model = lambda *anything: None
result = given = gradient = None
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
