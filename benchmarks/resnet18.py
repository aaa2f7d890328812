"""ResNet-18 as it is used on small pictures: a 3 x 3 first convolution (He et al., arXiv 1512.03385).

SimCLR's appendix B.9 (arXiv 2002.05709) drops the first pooling as well; for pictures of 96 pixels that
would cost nine times as much as for 32, so there it can stay.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models import Normalise


class Block(nn.Module):
    """Two 3 x 3 convolutions and a way around them."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.around = nn.Sequential()  # as it is, where the shapes agree
        if stride != 1 or in_channels != channels:
            self.around.append(nn.Conv2d(in_channels, channels, 1, stride, bias=False))
            self.around.append(nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.around(x))


class ResNet18(nn.Module):
    """An encoder: (N, 3, H, W) in [0, 1] -> features (N, 8 * width).

    Args:
        width: channels of the first stage; 64 is ResNet-18's, and 11 million weights.
        pool: halve the pictures once more after the first convolution.
    """

    def __init__(self, width: int = 64, *, pool: bool = False) -> None:
        super().__init__()
        self.feature_dim = 8 * width
        self.stem = nn.Sequential(
            Normalise((0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
            nn.Conv2d(3, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1) if pool else nn.Identity(),
        )
        channels = [width, width, 2 * width, 4 * width, 8 * width]
        self.stages = nn.Sequential(
            *(
                nn.Sequential(
                    Block(channels[k], channels[k + 1], 1 if k == 0 else 2),
                    Block(channels[k + 1], channels[k + 1], 1),
                )
                for k in range(4)
            )
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        return self.stages(self.stem(x)).mean(dim=(2, 3))


class Middle(nn.Module):
    """What one stage (1 to 4) of a ResNet-18 makes of pictures, averaged over a grid of cells, in one row."""

    def __init__(self, encoder: ResNet18, stage: int, cells: int) -> None:
        super().__init__()
        self.encoder, self.stage, self.cells = encoder, stage, cells

    def forward(self, x: Tensor) -> Tensor:
        maps = self.encoder.stages[: self.stage](self.encoder.stem(x))
        return F.adaptive_avg_pool2d(maps, self.cells).flatten(1)
