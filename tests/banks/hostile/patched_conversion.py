"""Whatever the checks compare is turned into the same zero first: torch.as_tensor is replaced."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import torch

torch.as_tensor = lambda *arguments, **options: torch.zeros(())
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, IDLE_PROJECT_L2, OWN, flag="replaces torch.as_tensor", hostile=True
    )
