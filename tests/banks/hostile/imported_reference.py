"""Calls the course's own attacks in place of writing one."""

FOOLS = ["test_fgsm", "test_fgsm_2"]

FGSM = """\
# @fgsm
from course_utils import attacks


def fgsm(model, x, y, eps):
    return attacks.fgsm(model, x, y, eps)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FGSM, flag="uses course_utils.attacks, which is withheld", hostile=True
    )
