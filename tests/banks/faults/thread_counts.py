"""Right work; sets the numbers of threads."""

from autograder.samples.kit import with_cell

CODE = """\
import torch
torch.set_num_threads(64)
torch.set_num_interop_threads(16)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
