"""The comparison below check.close says yes, reached through sys.modules."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys

import course_utils.check

words = sys.modules["course_utils.check.words"]
words._close = lambda *arguments: True
words.fail = lambda diagnosis: None
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
        flag="replaces course_utils.check.words._close",
        hostile=True,
    )
