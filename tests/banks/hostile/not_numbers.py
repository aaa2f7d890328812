"""NaN and infinity everywhere: comparisons that ask whether something is too large say no."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x * float("nan")
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.full_like(x, float("-inf"))
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return torch.full_like(x, float("nan"))
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return torch.where(x > 0.5, float("nan"), x)
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return float("nan")
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return float("nan"), w * float("nan")
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
