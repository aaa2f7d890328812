"""The notebook printed as a PDF."""

from autograder.results import UNREADABLE
from autograder.samples import Sample


def submission(kit):
    place, why = "{name}/{lab}.pdf", "no notebook was handed in"
    return Sample(__name__, __doc__, b"%PDF-1.7 ...", 0.0, UNREADABLE, place, says=why)
