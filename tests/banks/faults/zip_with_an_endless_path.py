"""Right work, and a file below three thousand folders."""

from tests.autograder.editors import zipped


def submission(kit):

    data = zipped({"deep/" * 3000 + "x.ipynb": b"x", "n" * 300 + ".ipynb": kit.solved()})
    return kit.hand_in(__name__, __doc__, data, place="{name}.zip")
