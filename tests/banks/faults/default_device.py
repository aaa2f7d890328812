"""Right work; the default device is one that holds no numbers."""

from autograder.samples.kit import with_cell

CODE = """\
import torch
torch.set_default_device("meta")
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
