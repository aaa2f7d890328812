"""Right work in a zip, in a zip."""

from tests.autograder.editors import zipped


def submission(kit):

    inner = zipped({"lab/work.ipynb": kit.solved()})
    return kit.hand_in(__name__, __doc__, zipped({"lab.zip": inner}), place="{name}.zip")
