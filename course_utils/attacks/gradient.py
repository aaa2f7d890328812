"""The input gradient and the attacks that take one step along it.

[1] Goodfellow, Shlens, Szegedy: Explaining and harnessing adversarial examples, ICLR 2015,
    arXiv 1412.6572.
[2] Kurakin, Goodfellow, Bengio: Adversarial machine learning at scale, ICLR 2017, arXiv 1611.01236.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.modes import evaluating
from .inputs import check_eps, check_images, check_labels, check_logits
from .norms import Linf, Norm

Model = nn.Module | Callable[[Tensor], Tensor]


def losses_and_gradient(model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Each image's cross-entropy (N,) and its gradient (N, 3, H, W); the model must be in eval mode.

    The loss is summed over the batch, not averaged, so an image's gradient does not depend on how
    many others share its batch. `autograd.grad` touches no parameter's `.grad`.
    """
    # An attack needs a graph even where its caller switched them off.
    with torch.inference_mode(False), torch.enable_grad():
        # Clones: a tensor made in inference mode cannot take part in a graph.
        x, y = x.detach().clone().requires_grad_(), y.clone()
        losses = _cross_entropy(model, x, y)  # (N,)
        if not losses.requires_grad:
            raise ValueError(
                "the model's logits carry no gradient: its forward must not use no_grad or detach"
            )
        (gradient,) = torch.autograd.grad(losses.sum(), x)
    return losses.detach(), gradient


def losses(model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Each image's cross-entropy (N,) and whether it is classified as y (N,) bool."""
    with torch.no_grad():
        logits = model(x)
        check_logits(logits, y)
        return F.cross_entropy(logits, y, reduction="none"), logits.argmax(dim=1) == y


def _cross_entropy(model: Model, x: Tensor, y: Tensor) -> Tensor:
    logits = model(x)  # (N, C)
    check_logits(logits, y)
    return F.cross_entropy(logits, y, reduction="none")


def input_gradient(model: Model, x: Tensor, y: Tensor) -> Tensor:
    """In which direction each pixel must change to raise the loss.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        x: (N, 3, H, W) float in [0, 1].
        y: (N,) int64 labels.

    Returns:
        (N, 3, H, W): the gradient of the cross-entropy, summed over the batch, with respect to x.

    Raises:
        ValueError: images or labels that cannot be meant.
    """
    check_images(x, model)
    check_labels(y, x)
    with evaluating(model):
        return losses_and_gradient(model, x, y)[1]


def fgsm(model: Model, x: Tensor, y: Tensor, eps: float, *, norm: Norm = Linf()) -> Tensor:  # noqa: B008
    """The fast gradient sign method [1, section 4]: one step of size eps up the loss of the true class.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        x: (N, 3, H, W) float in [0, 1].
        y: (N,) int64, the true labels.
        eps: how far, in pixel units (8/255).
        norm: what eps measures; L2() takes the step along the gradient instead of its sign.

    Returns:
        (N, 3, H, W) adversarial images in [0, 1].

    Raises:
        ValueError: images, labels or eps that cannot be meant.
    """
    return _one_step(model, x, y, eps, norm, direction=1)


def fgsm_targeted(
    model: Model,
    x: Tensor,
    target: Tensor,
    eps: float,
    *,
    norm: Norm = Linf(),  # noqa: B008
) -> Tensor:
    """One step of size eps *down* the loss of a class of our choice [2, section 2]: toward `target` (N,)."""
    return _one_step(model, x, target, eps, norm, direction=-1)


def _one_step(model: Model, x: Tensor, y: Tensor, eps: float, norm: Norm, direction: int) -> Tensor:
    check_images(x, model)
    check_eps(eps, norm, x)
    gradient = input_gradient(model, x, y)
    return (x.detach() + direction * norm.step(gradient, eps)).clamp(0, 1)
