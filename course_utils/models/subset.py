"""A network that may give only some of its answers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Subset(nn.Module):
    """Only the logits of the chosen classes, in their order: the model's answer is the best of those.

    Class j of the result is class `indices[j]` of the network. A test set of 200 of ImageNet's classes
    is measured so (Hendrycks et al. 2021, arXiv 1907.07174, for ImageNet-A); it is a model like every
    other, and can be attacked like every other.

    Args:
        network: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        indices: K different classes, 0..C-1.

    Raises:
        ValueError: no index, the same index twice, or one below 0.
    """

    def __init__(self, network: nn.Module, indices: Sequence[int]) -> None:
        super().__init__()
        chosen = torch.as_tensor(indices, dtype=torch.long).flatten()  # (K,)
        if len(chosen) == 0 or len(chosen.unique()) < len(chosen) or int(chosen.min()) < 0:
            raise ValueError(
                f"indices = {list(indices)[:5]} … must be different class numbers from 0 on, at least one"
            )
        self.network = network
        self.register_buffer("indices", chosen, persistent=False)
        self.training = network.training

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> logits (N, K)."""
        return self.network(x)[:, self.indices]
