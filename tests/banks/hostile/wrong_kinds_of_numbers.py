"""Answers of the right shape in another dtype, and numbers that are nearly floats."""

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.half()


# @fgsm_targeted
def fgsm_targeted(model, x, target, eps):
    return x > 0.5


# @project_l2
def project_l2(x_adv, x, eps):
    return (255 * x).to(torch.uint8)


# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    return x.to(torch.float8_e4m3fn)


# @accuracy_under_attack
def accuracy_under_attack(model, attack, batches):
    import numpy

    return numpy.float16(1.0)


# @worst_case_shift
def worst_case_shift(w, eps):
    return True, w.to(torch.bfloat16)
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, hostile=True)
