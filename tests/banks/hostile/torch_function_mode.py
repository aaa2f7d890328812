"""A mode of torch that stays on makes every comparison true."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="out of torch.overrides.TorchFunctionMode",
        hostile=True,
    )
