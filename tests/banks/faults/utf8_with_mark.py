"""Right work, with the byte order mark that Windows puts before UTF-8."""

from tests.autograder.editors import in_encoding


def submission(kit):
    return kit.hand_in(__name__, __doc__, in_encoding(kit.solved(), "utf-8-sig"))
