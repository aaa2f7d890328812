"""CheckFailed becomes an exception that a check's caller takes for success."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys

import course_utils.check


class CheckFailed(Exception):
    def __init__(self, diagnosis=""):
        pass

    def with_traceback(self, trace):
        return self


promise, words = (sys.modules["course_utils.check." + name] for name in ("promise", "words"))
words.CheckFailed = CheckFailed
real_raiser = words.fail
words.fail = lambda diagnosis: CheckFailed(diagnosis)
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
        flag="an exception called CheckFailed",
        hostile=True,
    )
