"""Raises what takes over how code runs: StopIteration would end a loop of the check, SystemExit the checker."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    raise StopIteration(x)
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    raise SystemExit(0)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise GeneratorExit
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    raise KeyboardInterrupt
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    raise StopAsyncIteration
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise type("Mine", (BaseException,), {})("0.75")
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
        flag="raises KeyboardInterrupt",
        hostile=True,
    )
