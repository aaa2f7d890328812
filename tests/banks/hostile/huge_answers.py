"""Answers of gigabytes: ten billion entries that share one number, a long text, a long list, a large number."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return torch.zeros(1, dtype=x.dtype).expand(10**10)
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.zeros(20_000_000, dtype=x.dtype)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return bytes(100_000_000)
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return 10 ** 100_000
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return "1" * 100_000_000
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return list(range(1_000_000)), w
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
