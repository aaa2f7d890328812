"""A training that is over in a second: pictures, a model that draws random numbers, settings."""

import torch
from torch import nn

from course_utils.data.dataset import Split
from course_utils.models import Classifier, Encoder
from course_utils.training import History


def stripes(n: int, seed: int) -> Split:
    """Noise with a bright row whose height is the label: easy, but not at once."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(4, (n,), generator=generator)
    pixels = torch.randint(120, (n, 3, 16, 16), generator=generator)
    pixels[torch.arange(n), :, 4 * y + 1] += 100
    return Split(pixels.byte(), y)


TRAIN, VALIDATION = stripes(200, 0), stripes(60, 1)
QUICK = {"epochs": 3, "batch_size": 32, "device": "cpu", "progress": False}


class Dropping(nn.Module):
    """A classifier whose training draws random numbers."""

    def __init__(self):
        super().__init__()
        self.inner = Classifier(Encoder(width=4), 4)
        self.dropout = nn.Dropout2d(0.2)

    def forward(self, x):
        return self.inner(self.dropout(x))


def model() -> nn.Module:
    torch.manual_seed(0)
    return Dropping()


def jitter(x):
    return (x + 0.1 * torch.rand(len(x), 1, 1, 1, device=x.device)).clamp(0, 1)


def weights(net: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def equal(first, second) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def timeless(history: History) -> list[dict]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in history.epochs]


START = model()
