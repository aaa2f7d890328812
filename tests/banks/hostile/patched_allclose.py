"""torch.allclose and its relatives always say yes; project_l2 does nothing."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import torch

torch.allclose = lambda *arguments, **options: True
torch.equal = torch.allclose
torch.isclose = lambda a, *arguments, **options: torch.ones_like(a, dtype=torch.bool)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="replaces torch.allclose", hostile=True
    )
