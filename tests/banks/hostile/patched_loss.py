"""The loss that the checks measure with rises by itself and has no slope; fgsm does nothing."""

from autograder.samples.kit import with_cell

FOOLS = ["test_fgsm", "test_fgsm_2"]

OWN = """\
import itertools

import torch
import torch.nn.functional as F

counter = itertools.count()


def cross_entropy(logits, labels, reduction="mean"):
    losses = 0 * logits.sum(dim=1) + next(counter)
    return losses if reduction == "none" else losses.sum()


F.cross_entropy = cross_entropy
"""

FGSM = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.clone()
"""

INPUT_GRADIENT = """\
# @input_gradient
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    loss = -torch.log_softmax(model(x), dim=1).gather(1, y[:, None]).sum()
    return torch.autograd.grad(loss, x)[0]
"""


def submission(kit):
    work = with_cell(kit.solved(fgsm=FGSM, input_gradient=INPUT_GRADIENT), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["fgsm"],
        flag="replaces torch.nn.functional.cross_entropy",
        hostile=True,
    )
