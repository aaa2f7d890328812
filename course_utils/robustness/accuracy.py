"""How often a model is right: on clean pictures, under an attack, and where it errs most surely."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from ..device import halve_on_oom
from ..models.modes import evaluating
from .answers import answers

Attack = Callable[[nn.Module, Tensor, Tensor], Tensor]


def accuracy(
    model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], attack: Attack | None = None
) -> float:
    """The fraction of images that the model still gets right.

    Args:
        model: images in [0, 1] -> logits (N, C).
        batches: (images (B, 3, H, W), labels (B,)) pairs; batches of different sizes count by image.
            They are moved to the model's device.
        attack: called as attack(model, x, y) -> x_adv before the model looks; None: clean accuracy.

    Raises:
        ValueError: there was not a single image.
    """

    def count_right(x: Tensor, y: Tensor) -> int:
        if attack is not None:
            x = attack(model, x, y)
        with torch.no_grad():
            return int((model(x).argmax(dim=1) == y).sum())

    parameter = next(model.parameters(), None)
    right = seen = 0
    with evaluating(model):
        for x, y in batches:
            if parameter is not None:
                x, y = x.to(parameter.device), y.to(parameter.device)
            right += sum(halve_on_oom(count_right, (x, y)))
            seen += len(y)
    if not seen:
        raise ValueError(
            "no images to measure accuracy on: `batches` was empty (or used up already)"
        )
    return right / seen


def confident_mistakes(
    model: nn.Module, images: Tensor, labels: Tensor, *, batch_size: int = 500
) -> Tensor:
    """Where the model is wrong, the surest mistake first: the search for natural adversarial examples.

    Args:
        model: images in [0, 1] -> logits (N, C).
        images: (N, 3, H, W) in [0, 1], on the model's device.
        labels: (N,) int64.

    Returns:
        (M,) int64 indices into `images`, on their device; M = 0 where nothing is wrong.
    """
    batches = zip(images.split(batch_size), labels.split(batch_size), strict=True)
    return answers(model, batches).mistakes.to(images.device)
