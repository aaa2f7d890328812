"""Right work; an experiment of the student's own never ends."""

from autograder.samples.kit import with_cell

CODE = """\
while True:
    pass
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE), says="look for a loop that never ends")
