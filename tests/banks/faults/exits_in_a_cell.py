"""Right work; a cell at the top calls sys.exit."""

from autograder.samples.kit import with_cell

CODE = """\
import sys
sys.exit("done")
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
