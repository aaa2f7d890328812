"""A handler of their own takes every exception, and keeps it to itself."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
def handled(shell, kind, error, trace, tb_offset=None):
    return []


get_ipython().set_custom_exc((Exception,), handled)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="get_ipython().set_custom_exc", hostile=True
    )
