"""The shell shows no traceback any more, so no failure is seen in the outputs."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys

shell = get_ipython()
shell.showtraceback = lambda *arguments, **options: None
shell._showtraceback = shell.showtraceback
sys.excepthook = lambda *arguments: None
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
        flag="replaces get_ipython().showtraceback",
        hostile=True,
    )
