"""Two versions of the notebook, with git's conflict marks between them."""

from autograder.results import UNREADABLE
from autograder.samples import Sample
from autograder.samples.kit import bytes_of


def submission(kit):
    one = bytes_of(kit.solved())
    data = b"<<<<<<< HEAD\n" + one + b"\n=======\n" + one + b"\n>>>>>>> theirs\n"
    return Sample(__name__, __doc__, data, 0.0, UNREADABLE, says="resolve the merge conflict")
