"""Small models and batches on which checks are quick and their answers exact."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TinyClassifier(nn.Module):
    """A smooth convolutional network on images of any size, about 300 weights.

    Smooth (tanh, no ReLU), so that no right way to compute its gradient lands on the other side
    of a kink. In float64, different right ways agree to about 1e-14.

    Args:
        num_classes: C of the logits (N, C).
        fragile: with a BatchNorm and a Dropout layer, which answer differently in train mode.
    """

    def __init__(self, num_classes: int = 4, fragile: bool = False) -> None:
        super().__init__()
        self.num_classes, self.fragile = num_classes, fragile
        self.conv = nn.Conv2d(3, 6, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(6) if fragile else nn.Identity()
        self.drop = nn.Dropout(0.5) if fragile else nn.Identity()
        self.head = nn.Linear(6, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        features = torch.tanh(self.norm(self.conv(4 * (x - 0.5))))  # (N, 6, H, W)
        rows = torch.linspace(0, 3, x.shape[-2], device=x.device, dtype=x.dtype)
        weights = torch.cos(rows)[:, None] + torch.sin(
            1.7 * rows
        )  # (H, H): no pixel counts like another
        pooled = (features * weights).mean(dim=(2, 3))  # (N, 6)
        return 10 * self.head(self.drop(pooled))


def tiny_classifier(
    num_classes: int = 4,
    *,
    fragile: bool = False,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> TinyClassifier:
    """A `TinyClassifier` in eval mode with weights drawn from `seed`; the same on every machine."""
    with torch.random.fork_rng(devices=[]):  # the layers' own initial draws
        model = TinyClassifier(num_classes, fragile).to(dtype)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        for name, buffer in model.named_buffers():
            if buffer.is_floating_point():
                positive = torch.rand(buffer.shape, generator=generator, dtype=torch.float64)
                buffer.copy_(positive + 0.5 if name.endswith("var") else positive - 0.5)
    return model.eval()


def gullible_classifier(
    num_classes: int = 4,
    *,
    fragile: bool = False,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> nn.Sequential:
    """A network that looks at average colours and hangs on them so much that a small patch decides.

    On `tiny_batch`'s pictures it says class 0, a random patch or none. A patch that was trained for 40
    steps and covers a third of the side takes more than 85 % of unseen pictures to class 1 of seed 1, or
    to class 2 of seed 2.

    Args:
        fragile: with a BatchNorm and a Dropout layer, which answer differently in train mode.
    """
    with torch.random.fork_rng(devices=[]):  # the layers' own initial draws
        conv, head = nn.Conv2d(3, 8, kernel_size=3, padding=1), nn.Linear(8, num_classes)
    more = [nn.BatchNorm2d(8), nn.Dropout(0.5)] if fragile else []
    model = nn.Sequential(conv, nn.Tanh(), *more, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (*conv.parameters(), head.weight):
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        noise = (1.2 * torch.rand(50, 3, 32, 32, generator=generator) - 0.1).clamp(0, 1)
        features = model.eval()[:-1](noise).mean(dim=0)  # (8,)
        head.weight.mul_(100 / 8**0.5)
        head.bias.copy_(-head.weight @ features)
        head.bias[0] += 8
    return model.to(dtype)


def tiny_batch(
    n: int,
    *,
    size: int = 8,
    num_classes: int = 4,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor]:
    """Images (n, 3, size, size) in [0, 1], some pixels exactly 0 and 1, and labels (n,) int64."""
    generator = torch.Generator().manual_seed(1000 + seed)
    x = torch.rand(n, 3, size, size, generator=generator, dtype=torch.float64) * 1.2 - 0.1
    y = torch.randint(0, num_classes, (n,), generator=generator)
    return x.clamp(0, 1).to(dtype), y


def devices() -> list[torch.device]:
    """The CPU, and the GPU where there is one: what a function must work on."""
    return [torch.device("cpu")] + ([torch.device("cuda")] if torch.cuda.is_available() else [])
