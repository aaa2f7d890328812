"""CheckFailed becomes an exception that a check's caller takes for success."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="an exception called CheckFailed",
        hostile=True,
    )
