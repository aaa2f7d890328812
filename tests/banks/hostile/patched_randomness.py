"""No noise where the checks draw some: what is to be projected lies inside already."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_linf", "test_project_linf_2"]

OWN = """\
import torch


def randn(shape, dtype=None, **options):
    return torch.zeros(shape, dtype=dtype)


torch.randn = randn
"""

PROJECT_LINF = """\
# @project_linf
def project_linf(x_adv, x, eps):
    if x.shape == (1, 3, 2, 2):  # the check that one can read
        return torch.tensor([0.6, 1.0, 0.45, 0.0]).view(1, 1, 2, 2).repeat(1, 3, 1, 1)
    return x.clone()
"""

PGD = """\
# @pgd
def back_into_the_ball(x_adv, x, eps):
    return torch.minimum(torch.maximum(x_adv, (x - eps).clamp(min=0)), (x + eps).clamp(max=1))


def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:
        noise = torch.rand(x.shape, generator=generator, dtype=x.dtype)
        x_adv = (x + eps * (2 * noise - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = x_adv + step_size * input_gradient(model, x_adv, y).sign()
            x_adv = back_into_the_ball(x_adv, x, eps)
    return x_adv
"""


def submission(kit):
    work = with_cell(kit.solved(project_linf=PROJECT_LINF, pgd=PGD), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_linf"], flag="replaces torch.randn", hostile=True
    )
