"""Answers with what no check has asked for: dictionaries with odd keys, functions, classes, modules, files, exceptions."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return {float("nan"): x, (1, 2): x, None: x, frozenset(): x}
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return lambda *arguments: x
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return type(x)
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return model
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return open("/dev/null")
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return ValueError(0.75), torch
"""


def submission(kit):
    work = kit.solved(
        fgsm=FGSM,
        fgsm_targeted=FGSM_TARGETED,
        project_l2=PROJECT_L2,
        pgd=PGD,
        accuracy_under_attack=ACCURACY_UNDER_ATTACK,
        worst_case_shift=WORST_CASE_SHIFT,
    )
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm", "fgsm_targeted", "project_l2", "pgd", "accuracy_under_attack", "worst_case_shift"],
        hostile=True,
    )
