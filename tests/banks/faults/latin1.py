"""Right work with accents in it, saved as Latin-1."""

from tests.autograder.editors import in_encoding


def submission(kit):
    return kit.hand_in(__name__, __doc__, in_encoding(kit.solved(), "latin-1"), says="was saved as Latin-1")
