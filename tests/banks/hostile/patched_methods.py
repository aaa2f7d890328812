"""Methods of torch.Tensor say what a check wants to hear; fgsm does nothing."""

from autograder.samples.kit import with_cell

FOOLS = ["test_fgsm", "test_fgsm_2"]

OWN = """\
import torch

torch.Tensor.all = lambda self, *arguments, **options: torch.tensor(True)
torch.allclose = lambda *arguments, **options: True
"""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(fgsm=FGSM), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["fgsm"], flag="replaces torch.Tensor.all", hostile=True
    )
