"""A mode of torch that stays on makes every comparison true."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import torch
from torch.overrides import TorchFunctionMode


class Agreeable(TorchFunctionMode):
    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is torch.allclose:
            return True
        return function(*arguments, **(options or {}))


Agreeable().__enter__()
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2"],
        flag="out of torch.overrides.TorchFunctionMode",
        hostile=True,
    )
