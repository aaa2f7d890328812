"""Right work; the default dtype is float64."""

from autograder.samples.kit import with_cell

CODE = """\
import torch
torch.set_default_dtype(torch.float64)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
