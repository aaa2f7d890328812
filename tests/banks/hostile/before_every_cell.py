"""A callback before every cell puts the patched comparison back where somebody repaired it."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
def patch(*information):
    import torch

    torch.allclose = lambda *arguments, **options: True


get_ipython().events.register("pre_run_cell", patch)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="get_ipython().events", hostile=True
    )
