"""What a model answers to every picture of a test set, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..device import halve_on_oom
from ..models.modes import evaluating


@dataclass(frozen=True)
class Answers:
    """One entry a picture, on the CPU, in the order in which the pictures came.

    Args:
        truth: (N,) int64 labels.
        said: (N,) int64, the classes answered.
        confidence: (N,) float32 in [0, 1], of the answers.
    """

    truth: Tensor
    said: Tensor
    confidence: Tensor

    @property
    def accuracy(self) -> float:
        """The fraction of right answers.

        Raises:
            ValueError: there was not a single picture.
        """
        if not len(self.truth):
            raise ValueError("no images to measure accuracy on: `batches` was empty (or used up)")
        return float((self.said == self.truth).double().mean())

    @property
    def mistakes(self) -> Tensor:
        """(M,) int64: which pictures are answered wrongly, the surest mistake first."""
        wrong = (self.said != self.truth).nonzero()[:, 0]
        return wrong[self.confidence[wrong].argsort(descending=True, stable=True)]

    def captions(self, indices: Tensor, classes: Sequence[str]) -> list[str]:
        """For a gallery: truth, answer and confidence of the pictures at `indices`, two lines each."""
        told = zip(
            self.truth[indices].tolist(),
            self.said[indices].tolist(),
            self.confidence[indices].tolist(),
            strict=True,
        )
        return [
            f"{classes[truth]}\ncalled {classes[said]} ({confidence:.0%})"
            for truth, said, confidence in told
        ]


def answers(
    model: nn.Module | Callable[[Tensor], Tensor], batches: Iterable[tuple[Tensor, Tensor]]
) -> Answers:
    """Asks the model about every picture; a batch is let go before the next one is made.

    Args:
        model: images in [0, 1] -> logits (N, C).
        batches: (images (B, 3, H, W), labels (B,)) pairs, moved to the model's device.
    """

    def ask(x: Tensor) -> tuple[Tensor, Tensor]:
        best = model(x).softmax(dim=1).max(dim=1)
        return best.indices.cpu(), best.values.float().cpu()

    weight = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    truth, said, confidence = [torch.empty(0).long()], [torch.empty(0).long()], [torch.empty(0)]
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            truth.append(y.cpu())
            x = x if weight is None else x.to(weight.device)
            for own, sure in halve_on_oom(ask, (x,)):
                said.append(own)
                confidence.append(sure)
    return Answers(torch.cat(truth), torch.cat(said), torch.cat(confidence))
