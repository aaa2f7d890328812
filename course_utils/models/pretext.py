"""The networks of the pretext tasks, and what lies between an encoder and a pretext loss.

The course asks students to write these, so they are imported by this module's full name and are not
there while those labs are graded. A rotation network is a `Classifier` with four classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .encoder import Encoder

POSITIONS = 8  # places around a patch


class PatchNet(nn.Module):
    """Which of the 8 places around the centre patch is the neighbour's?

    One encoder looks at both patches; its features, the centre's first, go to one linear layer
    (Doersch, Gupta, Efros 2015, arXiv 1505.05192, section 3, with a smaller head).
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(2 * encoder.feature_dim, POSITIONS)

    def forward(self, centre: Tensor, neighbour: Tensor) -> Tensor:
        """Patches (N, 3, h, w) in [0, 1], twice -> logits (N, 8)."""
        features = self.encoder(torch.cat([centre, neighbour]))  # (2N, D)
        return self.head(torch.cat(features.chunk(2), dim=1))


class ProjectionHead(nn.Sequential):
    """Linear, ReLU, linear: from features to where SimCLR compares them (arXiv 2002.05709, section 2.1)."""

    def __init__(self, in_dim: int, hidden_dim: int, out_dim: int) -> None:
        super().__init__(
            nn.Linear(in_dim, hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim),
        )
        self.in_dim, self.hidden_dim, self.out_dim = in_dim, hidden_dim, out_dim


class SimCLRNet(nn.Module):
    """An encoder and its projection head; once it is trained, only the encoder is kept."""

    def __init__(self, encoder: Encoder, head: ProjectionHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> projections (N, out_dim)."""
        return self.head(self.encoder(x))
