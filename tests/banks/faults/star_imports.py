"""Right work; imports everything, sum and max and pow among it."""

from autograder.samples.kit import with_cell

CODE = """\
from math import *
from numpy import *
import torch
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
