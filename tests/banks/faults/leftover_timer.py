"""Right work; a cell at the top sets a timer that nobody handles, again and again."""

from autograder.samples.kit import with_cell

CODE = """\
import signal
signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
