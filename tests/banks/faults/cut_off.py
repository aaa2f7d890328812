"""The upload broke off half way."""

from autograder.results import UNREADABLE
from autograder.samples import Sample
from autograder.samples.kit import bytes_of


def submission(kit):
    right = bytes_of(kit.solved())
    return Sample(__name__, __doc__, right[: len(right) // 2], 0.0, UNREADABLE, says="cut off")
