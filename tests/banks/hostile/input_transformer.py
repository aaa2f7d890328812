"""An input transformer of IPython empties every cell that holds a check."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = r"""def emptied(lines):
    return ["pass\n"] if any("check.promise" in line for line in lines) else lines


get_ipython().input_transformers_cleanup.append(emptied)
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
        flag="get_ipython().input_transformers_cleanup",
        hostile=True,
    )
