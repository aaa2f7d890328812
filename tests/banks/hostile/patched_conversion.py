"""Whatever the checks compare is turned into the same zero first: torch.as_tensor is replaced."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import torch

torch.as_tensor = lambda *arguments, **options: torch.zeros(())
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="replaces torch.as_tensor", hostile=True
    )
