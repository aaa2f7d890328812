"""The neutral state that every check runs in swallows whatever is raised in it."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import contextlib
import sys

import course_utils.check

promise = sys.modules["course_utils.check.promise"]
promise.neutral_state = lambda seed=0: contextlib.suppress(BaseException)
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="replaces course_utils.check.promise.neutral_state",
        hostile=True,
    )
