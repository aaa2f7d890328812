"""Right work; only deterministic algorithms are allowed."""

from autograder.samples.kit import with_cell

CODE = """\
import torch
torch.use_deterministic_algorithms(True)
torch.backends.cudnn.benchmark = False
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
