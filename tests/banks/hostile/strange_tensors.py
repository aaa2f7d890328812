"""Answers with tensors that are not rows of numbers: sparse, quantised, complex, without storage, nested."""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.to_sparse()
"""

FGSM_TARGETED = """\
# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.quint8)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return torch.complex(x, x)
"""

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return x.to("meta")
"""

ACCURACY_UNDER_ATTACK = """\
# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return torch.tensor(1.0)
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return 0.75, torch.nested.nested_tensor([w.flatten(), w.flatten()[:1]])
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
