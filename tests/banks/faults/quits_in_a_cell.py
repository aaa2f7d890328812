"""Right work; a cell between the exercises calls quit()."""

from autograder.samples.kit import with_cell

CODE = """\
quit()
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=20))
