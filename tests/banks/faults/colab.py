"""Right work, saved by Colab: its own metadata for everybody else's, forms, a badge on top."""

from tests.autograder.editors import as_colab


def submission(kit):
    place = "{name}/Copy of {lab} (2).ipynb"
    return kit.hand_in(__name__, __doc__, as_colab(kit.solved()), place=place)
