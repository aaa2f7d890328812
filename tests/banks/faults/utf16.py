"""Right work, saved by Windows' Notepad as "Unicode"."""

from tests.autograder.editors import in_encoding


def submission(kit):
    return kit.hand_in(__name__, __doc__, in_encoding(kit.solved(), "utf-16"), says="was saved as UTF-16")
