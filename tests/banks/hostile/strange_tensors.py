"""Answers with tensors that are not rows of numbers: sparse, quantised, complex, without storage, nested."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.to_sparse()


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.quint8)


# @project_l2
def project_l2(x_adv, x, eps):
    return torch.complex(x, x)


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return x.to("meta")


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return torch.tensor(1.0)


# @worst_case_shift
def worst_case_shift(w, eps):
    return 0.75, torch.nested.nested_tensor([w.flatten(), w.flatten()[:1]])
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
