"""Calls sys.displayhook: stock nbgrader takes what a check cell shows for partial credit."""

FOOLS = ["test_project_l2", "test_project_l2_2"]

PROJECT_L2 = """\
# @project_l2
import sys


def project_l2(x_adv, x, eps):
    sys.displayhook(4.0)
    return x.clone()
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        PROJECT_L2,
        flag="works on how Python shows and ends things (sys.displayhook)",
        hostile=True,
    )
