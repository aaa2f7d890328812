"""Right work; a cell prints until it is stopped."""

from autograder.samples.kit import with_cell

CODE = """\
for number in range(100):
    print("x" * 1_000_000)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE), says="the rest was cut")
