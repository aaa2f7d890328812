"""An empty folder where a submission should be."""

from autograder.results import UNREADABLE
from autograder.samples import Sample


def submission(kit):
    return Sample(__name__, __doc__, None, 0.0, UNREADABLE, says="the folder is empty")
