"""Right work; gradients were switched off for a quick look, and never on again."""

from autograder.samples.kit import with_cell

CODE = """\
import torch
torch.set_grad_enabled(False)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
