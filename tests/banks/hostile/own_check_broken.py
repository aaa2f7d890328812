"""Raises the exceptions by which checks speak, so that the course seems to be at fault, or the check passed."""

from autograder.samples.kit import with_cell

OWN = """\
from course_utils import check


class CheckBroken(Exception):
    pass


class Passed(check.CheckFailed):
    status = "passed"

    def __str__(self):
        return ""
"""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise check.CheckBroken("this check is itself at fault")
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise check.CheckFailed("")
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise CheckBroken("the checker does not have it")
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    raise NameError("name 'check' is not defined", name="check")
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    raise Passed("passed")
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise AssertionError(CheckBroken())
"""


def submission(kit):
    work = with_cell(
        kit.solved(
            fgsm=FGSM,
            fgsm_targeted=FGSM_TARGETED,
            project_l2=PROJECT_L2,
            pgd=PGD,
            accuracy_under_attack=ACCURACY_UNDER_ATTACK,
            worst_case_shift=WORST_CASE_SHIFT,
        ),
        OWN,
    )
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm", "fgsm_targeted", "project_l2", "pgd", "accuracy_under_attack", "worst_case_shift"],
        flag="defines an exception called CheckBroken",
        hostile=True,
    )
