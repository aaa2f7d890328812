"""check.promise runs no check; two functions were never written."""

FOOLS = ["test_project_l2", "test_project_l2_2", "test_worst_case_shift", "test_worst_case_shift_2"]

OWN = """\
from course_utils import check

check.promise = lambda promise: print("✓", promise.__doc__)
"""

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise NotImplementedError


# @worst_case_shift
def worst_case_shift(w, eps):
    raise NotImplementedError
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FUNCTIONS, OWN, flag="replaces course_utils.check.promise", hostile=True
    )
