"""The loss that the checks measure with rises by itself and has no slope; fgsm does nothing."""

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

FUNCTIONS = """\
# @fgsm
def fgsm(model, x, y, eps):
    return x.clone()


# @input_gradient
def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_()
    loss = -torch.log_softmax(model(x), dim=1).gather(1, y[:, None]).sum()
    return torch.autograd.grad(loss, x)[0]
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FUNCTIONS,
        OWN,
        lost=["fgsm"],
        flag="replaces torch.nn.functional.cross_entropy",
        hostile=True,
    )
