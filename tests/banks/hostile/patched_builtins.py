"""The start is not uniform in the ball, but builtins.abs finds every number to be 0."""

FOOLS = ["test_pgd", "test_pgd_2", "test_pgd_3"]

PGD = """\
# @pgd
import builtins

import torch

builtins.abs = lambda number: 0


def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    x_adv = x.clone()
    if random_start:  # only upwards, and never mind where the ball ends
        x_adv = (x + eps * torch.rand(x.shape, generator=generator, dtype=x.dtype)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = x_adv + step_size * input_gradient(model, x_adv, y).sign()
            x_adv = project_linf(x_adv, x, eps)
    return x_adv
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, PGD, lost=["test_pgd_2"], flag="replaces builtins.abs", hostile=True
    )
