"""Raises exceptions that can't be shown: they raise again, never end, are long, or are their own cause."""

from autograder.samples.kit import with_cell

OWN = """\
class Biting(Exception):
    def __str__(self):
        raise SystemExit("bitten")

    __repr__ = __str__


class Long(Exception):
    def __str__(self):
        return "long " * 40_000_000
"""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise Biting
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise Long
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    error = Exception()
    error.__cause__ = error
    raise error
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    raise ExceptionGroup("many", [ExceptionGroup("more", [ValueError(i)]) for i in range(100_000)])
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    raise type("E" * 1_000_000, (Exception,), {})
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise SyntaxError("0.75", ("file", "1", object(), b"", None, {}))
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
        hostile=True,
    )
