"""A face recogniser: an encoder, and the embeddings of those that it is to know.

Persons are enrolled after training, from a few pictures each; nothing is trained again. Two pictures
are of one person when their embeddings point the same way, so that logits are cosines.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .modes import evaluating


class Matcher(nn.Module):
    """(N, 3, H, W) in [0, 1] -> logits (N, K): scale times the cosine to each enrolled identity.

    With a threshold it is a verifier: there is one more class, K, "nobody", whose logit is always scale
    times the threshold, so that whoever resembles no one that much is turned away.

    Args:
        encoder: images -> embeddings (N, D) of any length.
        gallery: (K, D), one embedding an identity, of any length.
        scale: what a cosine is multiplied by. It changes no decision; it sets how sure the softmax is.
        threshold: the least cosine that is accepted; None for a gallery without "nobody".
    """

    gallery: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        gallery: Tensor,
        scale: float = 16.0,
        threshold: float | None = None,
    ) -> None:
        super().__init__()
        if gallery.ndim != 2 or not len(gallery):
            raise ValueError(
                f"gallery must be (K, D), one embedding an identity, got {tuple(gallery.shape)}"
            )
        self.encoder = encoder
        self.scale = scale
        self.threshold = threshold
        self.register_buffer("gallery", F.normalize(gallery.detach(), dim=1))

    @classmethod
    def enrol(
        cls,
        encoder: nn.Module,
        images: Tensor,
        labels: Tensor,
        scale: float = 16.0,
        threshold: float | None = None,
    ) -> Matcher:
        """A matcher in eval mode that knows the persons in some pictures, each by their mean direction.

        Args:
            encoder: images -> embeddings (N, D).
            images: (N, 3, H, W) in [0, 1], one or more of each person.
            labels: (N,) int64, 0 … K - 1, each at least once.
            scale, threshold: as above.

        Raises:
            ValueError: labels that don't fit the images, or a number that nobody has.
        """
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"labels must be (N,) with N = {len(images)} images, got {tuple(labels.shape)}"
            )
        counts = labels.bincount() if len(labels) else labels
        if not len(counts) or int(counts.min()) == 0:
            missing = (counts == 0).nonzero().flatten().tolist()
            raise ValueError(f"labels must number persons 0, 1, 2 …; no picture of {missing}")
        with evaluating(encoder), torch.no_grad():
            each = F.normalize(encoder(images), dim=1)  # (N, D)
        sums = each.new_zeros(len(counts), each.shape[1]).index_add_(0, labels, each)
        return cls(encoder, sums, scale, threshold).eval()

    def similarity(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) -> cosines (N, K) to the enrolled identities, in [-1, 1]."""
        return F.normalize(self.encoder(x), dim=1) @ self.gallery.T

    def forward(self, x: Tensor) -> Tensor:
        cosines = self.similarity(x)
        if self.threshold is not None:
            cosines = F.pad(cosines, (0, 1), value=self.threshold)  # (N, K + 1)
        return self.scale * cosines


def equal_error_rate(same: Tensor, different: Tensor) -> tuple[float, float]:
    """Where a verifier lets as many strangers in as it locks friends out.

    Args:
        same: (A,) similarities of pairs that show one person.
        different: (B,) similarities of pairs that show two.

    Returns:
        (the error rate there, the threshold: accept what is at least as similar). Between two
        thresholds the nearest is taken, with the mean of its two errors.

    Raises:
        ValueError: one of the two is empty.
    """
    if not len(same) or not len(different):
        raise ValueError(
            f"need pairs of both kinds, got {len(same)} same, {len(different)} different"
        )
    same, different = same.double().sort().values, different.double().sort().values
    thresholds = torch.cat([same, different]).unique()
    locked_out = torch.searchsorted(same, thresholds).double() / len(same)
    let_in = 1 - torch.searchsorted(different, thresholds).double() / len(different)
    best = int((locked_out - let_in).abs().argmin())
    return float((locked_out[best] + let_in[best]) / 2), float(thresholds[best])
