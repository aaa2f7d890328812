"""A callback before every cell puts the patched comparison back where somebody repaired it."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
def patch(*information):
    import torch

    torch.allclose = lambda *arguments, **options: True


get_ipython().events.register("pre_run_cell", patch)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, IDLE_PROJECT_L2, OWN, flag="get_ipython().events", hostile=True
    )
