"""Right work; a crash of the machine left a page of zeros behind the notebook."""

from autograder.samples.kit import bytes_of


def submission(kit):
    return kit.hand_in(__name__, __doc__, bytes_of(kit.solved()) + bytes(4096))
