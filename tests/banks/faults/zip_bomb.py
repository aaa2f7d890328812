"""Half a megabyte that unpacks to more than a notebook may have."""

from autograder.reading import MOST_BYTES
from autograder.results import UNREADABLE
from autograder.samples import Sample
from tests.autograder.editors import zipped


def submission(kit):
    data = zipped({"lab.ipynb": bytes(MOST_BYTES + 1_000_000)})
    return Sample(__name__, __doc__, data, 0.0, UNREADABLE, "{name}.zip", says="unpacks to more than")
