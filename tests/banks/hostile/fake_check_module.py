"""sys.modules and the package hold a course_utils.check of their own, in which all is well."""

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys
import types

import course_utils


class Fine(types.ModuleType):
    def __getattr__(self, name):
        return lambda *arguments, **options: None


sys.modules["course_utils.check"] = course_utils.check = Fine("course_utils.check")
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise NotImplementedError
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        PROJECT_L2,
        OWN,
        flag="puts something in the place of the module course_utils.check",
        hostile=True,
    )
