"""Right work; the editor lost all metadata and ids."""

from tests.autograder.editors import stripped


def submission(kit):
    work = stripped(kit.solved())
    return kit.hand_in(__name__, __doc__, work, says="recognised by their markers")
