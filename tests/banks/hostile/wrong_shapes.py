"""Answers of another shape: one too few, one too many, none, the wrong way round."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x[0]


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return x[None].expand(1000, *x.shape)


# @project_l2
def project_l2(x_adv, x, eps):
    return torch.empty(0, dtype=x.dtype)


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return x.permute(0, 2, 3, 1)


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return [1.0]


# @worst_case_shift
def worst_case_shift(w, eps):
    return 0.75, w, w
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
