"""No noise where the checks draw some: what is to be projected lies inside already."""

from tests.banks.pieces import PGD_WITH_ITS_OWN_PROJECTION

FOOLS = ["test_project_linf", "test_project_linf_2"]

OWN = """\
import torch


def randn(shape, dtype=None, **options):
    return torch.zeros(shape, dtype=dtype)


torch.randn = randn
"""

PROJECT_LINF = """\
# @project_linf
def project_linf(x_adv, x, eps):
    if x.shape == (1, 3, 2, 2):  # the check that one can read
        return torch.tensor([0.6, 1.0, 0.45, 0.0]).view(1, 1, 2, 2).repeat(1, 3, 1, 1)
    return x.clone()
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        PROJECT_LINF + PGD_WITH_ITS_OWN_PROJECTION,
        OWN,
        lost=["project_linf"],
        flag="replaces torch.randn",
        hostile=True,
    )
