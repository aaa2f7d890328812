"""Adversarial training: descend the loss on the worst pictures within reach instead of on the given ones.

[1] Madry, Makelov, Schmidt, Tsipras, Vladu: Towards deep learning models resistant to adversarial
    attacks, ICLR 2018, arXiv 1706.06083.
[2] Wong, Rice, Kolter: Fast is better than free: revisiting adversarial training, ICLR 2020,
    arXiv 2001.03994.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from ..attacks.inputs import check_eps, check_steps
from ..attacks.norms import Linf
from ..attacks.pgd import pgd
from ..device import half_dtype
from .objectives import Metrics, Objective, classification

MADRY_STEPS = 7  # [1, section 5] on CIFAR-10: 7 steps of 2/255 for eps 8/255


def adversarial(
    eps: float,
    *,
    recipe: str = "fast",
    steps: int | None = None,
    step_size: float | None = None,
) -> Objective:
    """An objective for `fit`: cross-entropy and accuracy on pictures attacked within eps (L-infinity).

    In validation (the model in eval mode) it is plain classification of clean pictures: an attack
    there would cost as much again, and is what `robustness.accuracy` is for. So a history's
    train_accuracy is that under attack and its validation_accuracy the clean one.

    The attack looks at the model in eval mode, like every attack of the course: it fights the network
    that will be used, and the running statistics of batch normalisation see each batch once.

    Args:
        eps: radius of the ball in pixel units (8/255).
        recipe: "fast", one step of 1.25 eps from a random start [2], twice the cost of plain training;
            or "pgd", several smaller steps from a random start [1], one more pass for each. With a
            large eps or a long training the fast recipe can collapse: the network becomes safe from
            that one step and from nothing else [2, section 5.4]. So measure with many steps.
        steps: of the pgd recipe; default 7.
        step_size: in pixel units; default: 1.25 eps for fast, eps / 4 for pgd.

    Returns:
        objective(model, x, y) -> {"loss", "accuracy"}; the random starts come from torch's global
        generator, which `fit` seeds.

    Raises:
        ValueError: settings that cannot be meant.

    Example:
        >>> fit(model, train, validation, objective=adversarial(8 / 255))  # doctest: +SKIP
    """
    check_eps(eps, Linf(), torch.empty(0))
    steps, step_size = _settings(eps, recipe, steps, step_size)

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        if model.training:
            with _enough_precision(x.device):
                x = pgd(model, x, y, eps, steps=steps, step_size=step_size)
        return classification(model, x, y)

    return objective


def _settings(
    eps: float, recipe: str, steps: int | None, step_size: float | None
) -> tuple[int, float]:
    if recipe not in ("fast", "pgd"):
        raise ValueError(f'recipe must be "fast" or "pgd", got {recipe!r}')
    if recipe == "fast" and steps not in (None, 1):
        raise ValueError(f'the fast recipe takes one step, got steps={steps}: use recipe="pgd"')
    if steps is None:
        steps = 1 if recipe == "fast" else MADRY_STEPS
    if step_size is None:
        step_size = 1.25 * eps if recipe == "fast" else eps / 4
    check_steps(steps, step_size)
    return steps, step_size


def _enough_precision(device: torch.device) -> AbstractContextManager:
    """The attack works in the training's precision, but in float32 where that is float16.

    The gradient of a sure network with respect to a pixel is below float16's smallest number, and the
    sign of 0 is no step. (The scaled loss that prevents this in training is not the attack's.)
    """
    if half_dtype(device) == torch.float16:
        return torch.autocast(device.type, enabled=False)
    return nullcontext()
