"""From pixels to pixels: the network of the tasks whose answer is a picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .encoder import conv_block


class UNet(nn.Module):
    """A small U-Net: down to see the whole picture, up again with the details handed across.

    Ronneberger, Fischer, Brox 2015, arXiv 1505.04597, with padding, batch normalisation and far fewer
    channels. Squares of 2 x 2 pixels come in and go out as channels (Shi et al. 2016, arXiv 1609.05158):
    layers at full size would take most of the time. With the default width, 4 channels in and 3 out: 238
    thousand weights, 29 million multiply-adds for a 48 x 48 picture.

    Args:
        in_channels: of the picture that comes in, with values in [0, 1].
        out_channels: of what comes out, unbounded: a colour, logits, an embedding for every pixel.
        width: channels at half size; they double at each of the two further halvings.
    """

    def __init__(self, in_channels: int, out_channels: int, width: int = 24) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.width = in_channels, out_channels, width
        self.enter = conv_block(4 * in_channels, width)
        self.down = nn.ModuleList(
            nn.Sequential(conv_block(w, 2 * w, stride=2), conv_block(2 * w, 2 * w))
            for w in (width, 2 * width)
        )
        # What comes from below, and what was handed across.
        self.up = nn.ModuleList(conv_block(3 * w, w) for w in (2 * width, width))
        self.leave = nn.Conv2d(width, 4 * out_channels, 1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) in [0, 1], H and W even -> (N, out_channels, H, W).

        Raises:
            ValueError: an odd side.
        """
        if x.shape[-1] % 2 or x.shape[-2] % 2:
            raise ValueError(
                f"the sides must be even, got pictures of {x.shape[-2]} x {x.shape[-1]} pixels"
            )
        maps = [self.enter(F.pixel_unshuffle(x - 0.5, 2))]  # (N, width, H/2, W/2)
        for down in self.down:
            maps.append(down(maps[-1]))
        y = maps.pop()  # (N, 4 width, H/8, W/8)
        for up in self.up:
            across = maps.pop()
            # Whatever the halvings rounded, the map becomes as large as the one that it meets.
            y = up(torch.cat([F.interpolate(y, across.shape[2:]), across], dim=1))
        return F.pixel_shuffle(self.leave(y), 2)
