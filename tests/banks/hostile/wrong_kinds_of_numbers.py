"""Answers of the right shape in another dtype, and numbers that are nearly floats."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.half()
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return x > 0.5
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return (255 * x).to(torch.uint8)
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return x.to(torch.float8_e4m3fn)
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    import numpy

    return numpy.float16(1.0)
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return True, w.to(torch.bfloat16)
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
