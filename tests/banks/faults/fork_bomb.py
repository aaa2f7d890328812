"""Right work; a cell of the student's own forks without end."""

from autograder.samples.kit import with_cell

CODE = """\
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE), says="processes")
