"""The neutral state that every check runs in swallows whatever is raised in it."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import contextlib
import sys

import course_utils.check

promise = sys.modules["course_utils.check.promise"]
promise.neutral_state = lambda seed=0: contextlib.suppress(BaseException)
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
        flag="replaces course_utils.check.promise.neutral_state",
        hostile=True,
    )
