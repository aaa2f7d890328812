"""Right work; anomaly detection is on, numbers are printed in full."""

from autograder.samples.kit import with_cell

CODE = """\
import numpy, torch
torch.autograd.set_detect_anomaly(True)
torch.set_printoptions(threshold=10**9)
numpy.seterr(all="raise")
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
