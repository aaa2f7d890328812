"""Answers with what no check has asked for: dictionaries with odd keys, functions, classes, modules, files, exceptions."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return {float("nan"): x, (1, 2): x, None: x, frozenset(): x}


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return lambda *arguments: x


# @project_l2
def project_l2(x_adv, x, eps):
    return type(x)


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return model


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    return open("/dev/null")


# @worst_case_shift
def worst_case_shift(w, eps):
    return ValueError(0.75), torch
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
