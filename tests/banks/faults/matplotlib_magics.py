"""Right work; asks matplotlib for windows and widgets that are not there."""

from autograder.samples.kit import with_cell

CODE = """\
%matplotlib qt
%matplotlib widget
%matplotlib notebook
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
