"""An input transformer of IPython empties every cell that holds a check."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = r"""def emptied(lines):
    return ["pass\n"] if any("check.promise" in line for line in lines) else lines


get_ipython().input_transformers_cleanup.append(emptied)
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="get_ipython().input_transformers_cleanup",
        hostile=True,
    )
