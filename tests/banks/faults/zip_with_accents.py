"""A zip by a program that writes accents in the way of 1981, without saying so."""

from tests.autograder.editors import zipped


def submission(kit):

    data = zipped({"Hausübung/große Lösung.ipynb": kit.solved()}, encoding="cp437")
    return kit.hand_in(__name__, __doc__, data, place="{name}.zip")
