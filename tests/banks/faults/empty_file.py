"""The upload broke off before its first byte."""

from autograder.results import UNREADABLE
from autograder.samples import Sample


def submission(kit):
    return Sample(__name__, __doc__, b"", 0.0, UNREADABLE, says="the file is empty")
