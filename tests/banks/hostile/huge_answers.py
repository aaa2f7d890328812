"""Answers of gigabytes: ten billion entries that share one number, a long text, a long list, a large number."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return torch.zeros(1, dtype=x.dtype).expand(10**10)


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.zeros(20_000_000, dtype=x.dtype)


# @project_l2
def project_l2(x_adv, x, eps):
    return bytes(100_000_000)


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return 10 ** 100_000


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return "1" * 100_000_000


# @worst_case_shift
def worst_case_shift(w, eps):
    return list(range(1_000_000)), w
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
