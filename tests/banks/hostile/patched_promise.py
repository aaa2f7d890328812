"""check.promise runs no check; two functions were never written."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2", "test_worst_case_shift", "test_worst_case_shift_2"]

OWN = """\
from course_utils import check

check.promise = lambda promise: print("✓", promise.__doc__)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise NotImplementedError
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise NotImplementedError
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2, worst_case_shift=WORST_CASE_SHIFT), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2", "worst_case_shift"],
        flag="replaces course_utils.check.promise",
        hostile=True,
    )
