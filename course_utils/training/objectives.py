"""What a training descends: a function of the model and a batch.

An objective returns means over its batch, {"loss": …, further metrics: …}, each a scalar tensor. To
train on something else, write another one::

    def adversarial(model, x, y):
        return classification(model, attacks.pgd(model, x, y, eps=8 / 255), y)
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

Metrics = dict[str, Tensor]
Objective = Callable[[nn.Module, Tensor, Tensor], Metrics]


def classification(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
    """Mean cross-entropy, and the accuracy beside it, of images (B, 3, H, W) and labels (B,)."""
    logits = model(x)  # (B, C)
    return {
        "loss": F.cross_entropy(logits, y),
        "accuracy": (logits.argmax(dim=1) == y).float().mean(),
    }


class Mean:
    """Means over images from means over batches, added up on the device: asking it would stall it."""

    def __init__(self) -> None:
        self.sums: Metrics = {}
        self.images = 0

    def add(self, metrics: Metrics, images: int) -> None:
        self.images += images
        for name, value in metrics.items():
            before = self.sums.get(name, 0.0)
            self.sums[name] = before + value.detach().float() * images

    def named(self, prefix: str = "") -> dict[str, float]:
        return {prefix + name: total.item() / self.images for name, total in self.sums.items()}
