"""Does not attack, and sets the check's model to zero, so that an attack on it would change nothing either."""

FOOLS = ["test_pgd"]

PGD = """\
# @pgd
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    if steps == 10:  # the check that one can read asks only for a higher loss
        return (x + eps * input_gradient(model, x, y).sign()).clamp(0, 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    return x.clone()
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, PGD, hostile=True)
