"""Raises exceptions that can't be shown: they raise again, never end, are long, or are their own cause."""

OWN = """\
class Biting(Exception):
    def __str__(self):
        raise SystemExit("bitten")

    __repr__ = __str__


class Long(Exception):
    def __str__(self):
        return "long " * 40_000_000
"""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise Biting


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise Long


# @project_l2
def project_l2(x_adv, x, eps):
    error = Exception()
    error.__cause__ = error
    raise error


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    raise ExceptionGroup("many", [ExceptionGroup("more", [ValueError(i)]) for i in range(100_000)])


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    raise type("E" * 1_000_000, (Exception,), {})


# @worst_case_shift
def worst_case_shift(w, eps):
    raise SyntaxError("0.75", ("file", "1", object(), b"", None, {}))
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, OWN, hostile=True)
