"""check.close accepts everything; project_l2 does nothing."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
from course_utils import check

check.close = lambda *arguments, **options: None
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="replaces course_utils.check.close",
        hostile=True,
    )
