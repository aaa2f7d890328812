"""A zip whose paths lead out of it, and right work beside them."""

from tests.autograder.editors import zipped


def submission(kit):

    out = {"../../../../tmp/climbed.ipynb": b"x", "/tmp/climbed.ipynb": b"x", "C:\\climbed.ipynb": b"x"}
    data = zipped({**out, "work.ipynb": kit.solved()})
    return kit.hand_in(__name__, __doc__, data, place="{name}.zip")
