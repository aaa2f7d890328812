"""Right work, saved by an editor of 2014 in notebook format 3."""

from tests.autograder.editors import as_format_3


def submission(kit):
    return kit.hand_in(__name__, __doc__, as_format_3(kit.solved()), says="notebook format 3")
