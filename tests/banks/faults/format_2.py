"""Right work in notebook format 2: the worksheets of 2012."""

from tests.autograder.editors import as_format_3


def submission(kit):
    old = as_format_3(kit.solved(), version=2)
    return kit.hand_in(__name__, __doc__, old, says="notebook format 2")
