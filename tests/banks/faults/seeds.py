"""Right work; seeds everything."""

from autograder.samples.kit import with_cell

CODE = """\
import os, random
import numpy, torch
random.seed(0)
numpy.random.seed(0)
torch.manual_seed(0)
os.environ["PYTHONHASHSEED"] = "0"
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
