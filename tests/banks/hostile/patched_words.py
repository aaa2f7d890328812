"""The comparison below check.close says yes, reached through sys.modules."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys

import course_utils.check

words = sys.modules["course_utils.check.words"]
words._close = lambda *arguments: True
words.fail = lambda diagnosis: None
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="replaces course_utils.check.words._close",
        hostile=True,
    )
