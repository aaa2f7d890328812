"""Raises the exceptions by which checks speak, so that the course seems to be at fault, or the check passed."""

OWN = """\
from course_utils import check


class CheckBroken(Exception):
    pass


class Passed(check.CheckFailed):
    status = "passed"

    def __str__(self):
        return ""
"""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise check.CheckBroken("this check is itself at fault")


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise check.CheckFailed("")


# @project_l2
def project_l2(x_adv, x, eps):
    raise CheckBroken("the checker does not have it")


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    raise NameError("name 'check' is not defined", name="check")


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    raise Passed("passed")


# @worst_case_shift
def worst_case_shift(w, eps):
    raise AssertionError(CheckBroken())
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FUNCTIONS,
        OWN,
        flag="defines an exception called CheckBroken",
        hostile=True,
    )
