"""JSON that opens a million brackets."""

from autograder.results import UNREADABLE
from autograder.samples import Sample


def submission(kit):
    data = b'{"cells": ' + b"[" * 1_000_000
    return Sample(__name__, __doc__, data, 0.0, UNREADABLE, says="nested without end")
