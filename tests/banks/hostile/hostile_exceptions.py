"""Raises what takes over how code runs: StopIteration would end a loop of the check, SystemExit the checker."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise StopIteration(x)


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise SystemExit(0)


# @project_l2
def project_l2(x_adv, x, eps):
    raise GeneratorExit


# @worst_case_shift
def worst_case_shift(w, eps):
    raise KeyboardInterrupt
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FUNCTIONS, flag="raises KeyboardInterrupt", hostile=True
    )
