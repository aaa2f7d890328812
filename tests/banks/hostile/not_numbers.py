"""NaN and infinity everywhere: comparisons that ask whether something is too large say no."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x * float("nan")


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.full_like(x, float("-inf"))


# @project_l2
def project_l2(x_adv, x, eps):
    return torch.full_like(x, float("nan"))


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return torch.where(x > 0.5, float("nan"), x)


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return float("nan")


# @worst_case_shift
def worst_case_shift(w, eps):
    return float("nan"), w * float("nan")
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
