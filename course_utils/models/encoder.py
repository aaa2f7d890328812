"""The one small encoder that runs through the whole course, and a classifier on top of it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """(x - mean) / std for each colour channel, so that everything outside speaks pixels in [0, 1]."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        # Not persistent: constants of the architecture, not weights.
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


def conv_block(in_channels: int, out_channels: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, batch normalisation, ReLU. The convolution's bias would be normalised away."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class Encoder(nn.Module):
    """A plain convolutional encoder: three stages, each halves the picture and doubles the channels.

    With the default width: 287 thousand weights, 22 million multiply-adds for a 48 x 48 picture.

    Args:
        width: channels of the first stage; the features have four times as many.

    Attributes:
        feature_dim: D = 4 * width.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.width = width
        self.feature_dim = 4 * width
        self.normalise = Normalise((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
        self.stages = nn.Sequential(
            conv_block(3, width, stride=2),
            conv_block(width, width),
            conv_block(width, 2 * width, stride=2),
            conv_block(2 * width, 2 * width),
            conv_block(2 * width, 4 * width, stride=2),
            conv_block(4 * width, 4 * width),
        )
        # Channels last in memory: a quarter faster on a CPU, and what a GPU's half-precision units want.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1], any H and W -> features (N, feature_dim)."""
        maps = self.stages(self.normalise(x))  # (N, D, H/8, W/8)
        return maps.mean(dim=(2, 3))  # (N, D)


class Classifier(nn.Module):
    """An encoder with a linear head: (N, 3, H, W) in [0, 1] -> logits (N, num_classes)."""

    def __init__(self, encoder: Encoder, num_classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.num_classes = num_classes
        self.head = nn.Linear(encoder.feature_dim, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(x))
