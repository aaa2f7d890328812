"""A zip with a symbolic link to the solutions, named as the notebook should be."""

from autograder.results import UNREADABLE
from autograder.samples import Sample
from tests.autograder.editors import zipped


def submission(kit):
    data = zipped({}, links={"lab1_adversarial.ipynb": str(kit.secret)})
    place, why = "{name}.zip", "it is a symbolic link"
    return Sample(__name__, __doc__, data, 0.0, UNREADABLE, place, says=why)
