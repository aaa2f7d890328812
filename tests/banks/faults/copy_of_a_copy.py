"""Colab's copies beside the file that was handed out: the last copy is the work."""

from autograder.build.student import student_notebook
from autograder.samples.kit import bytes_of


def submission(kit):
    blank = bytes_of(student_notebook(kit.assignment))
    also = {"{name}/{lab}.ipynb": blank, "{name}/Copy of {lab}.ipynb": blank}
    place = "{name}/Copy of Copy of {lab} (2).ipynb"
    return kit.hand_in(__name__, __doc__, kit.solved(), place=place, also=also)
