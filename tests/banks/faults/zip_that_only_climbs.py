"""A zip with nothing in it but a path that leads out."""

from autograder.results import UNREADABLE
from autograder.samples import Sample
from tests.autograder.editors import zipped


def submission(kit):
    data = zipped({"../../lab.ipynb": kit.solved()})
    place, why = "{name}.zip", "its path leads out of the archive"
    return Sample(__name__, __doc__, data, 0.0, UNREADABLE, place, says=why)
