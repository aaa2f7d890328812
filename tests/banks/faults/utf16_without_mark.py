"""Right work in UTF-16, big end first, without the mark that says so."""

from tests.autograder.editors import in_encoding


def submission(kit):
    return kit.hand_in(__name__, __doc__, in_encoding(kit.solved(), "utf-16-be"), says="was saved as UTF-16")
