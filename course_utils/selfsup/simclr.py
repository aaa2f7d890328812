"""SimCLR: two views of the same picture belong together, all others apart.

[1] Chen, Kornblith, Norouzi, Hinton: A simple framework for contrastive learning of visual
    representations, ICML 2020, arXiv 2002.05709.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.objectives import Metrics, Objective
from .augmentations import Augmentation
from .precision import at_least_float32, full_precision

Augment = Callable[[Tensor], Tensor]


def two_views(x: Tensor, augment: Augment) -> tuple[Tensor, Tensor]:
    """Two independent random views of each picture: (view1, view2), each (N, 3, H, W)."""
    return augment(x), augment(x)


def similarity(z: Tensor) -> Tensor:
    """The cosine between any two embeddings.

    Args:
        z: (M, D) floats. A row of zeros points nowhere: its cosine with everything is 0.

    Returns:
        (M, M) in [-1, 1], float32 for 16-bit embeddings.

    Raises:
        ValueError: not a matrix.
    """
    if z.ndim != 2:
        raise ValueError(f"embeddings must be (M, D), got {tuple(z.shape)}")
    with full_precision(z.device):
        unit = _unit(z)  # (M, D)
        return unit @ unit.mT


def nt_xent(z1: Tensor, z2: Tensor, temperature: float) -> Tensor:
    """NT-Xent, the cross-entropy of recognising the other view among all the rest [1, equation 1].

    For each of the 2N views: its cosines with the 2N - 1 others, divided by the temperature, are the
    logits of a classification whose right answer is the other view of the same picture.

    Args:
        z1: (N, D) embeddings of the first views.
        z2: (N, D) of the second views, in the same order.
        temperature: above 0; the smaller, the more the nearest wrong view counts.

    Returns:
        the mean over all 2N views, a scalar; float32 for 16-bit embeddings.

    Raises:
        ValueError: embeddings or a temperature that cannot be meant.
    """
    return F.cross_entropy(*_recognition(z1, z2, temperature))


def simclr(augment: Augment | None = None, temperature: float = 0.2) -> Objective:
    """An objective for `fit`: NT-Xent of two views of each picture; the labels are ignored.

    The model takes pictures to embeddings (a `SimCLRNet`). Both views go through it in one batch, so
    batch normalisation sees them together. With the model in eval mode the views are the same at every
    call, so that the validation of two epochs differs by the model only.

    Args:
        augment: pictures -> random views of them; draws from torch's global generator, which `fit`
            seeds. Default: `Augmentation()`.
        temperature: of NT-Xent.

    Returns:
        objective(model, x, y) -> {"loss", "accuracy"}; accuracy is how often the other view is the
        nearest of the 2N - 1 (at random: 1 / (2N - 1)).

    Example:
        >>> fit(net, unlabelled, objective=simclr(Augmentation(colour=0.5)))  # doctest: +SKIP
    """
    _check_temperature(temperature)
    chosen = Augmentation() if augment is None else augment

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        with nullcontext() if model.training else _same_draws(x.device):
            views = torch.cat(two_views(x, chosen))  # (2N, 3, H, W)
        z1, z2 = model(views).chunk(2)  # (N, D) each
        logits, other = _recognition(z1, z2, temperature)
        found = logits.detach().argmax(dim=1) == other
        return {"loss": F.cross_entropy(logits, other), "accuracy": found.float().mean()}

    return objective


def _recognition(z1: Tensor, z2: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """(logits (2N, 2N), right answers (2N,)) of the classification that NT-Xent is the loss of."""
    _check_temperature(temperature)
    if z1.ndim != 2 or z1.shape != z2.shape or not len(z1):
        raise ValueError(
            f"both views need embeddings (N, D), N at least 1, got {tuple(z1.shape)} and {tuple(z2.shape)}"
        )
    n = len(z1)
    with full_precision(z1.device):
        unit = _unit(torch.cat([z1, z2]))  # (2N, D)
        # The temperature divides the embeddings, not their cosines: the large matrix is made only once.
        logits = (unit / temperature) @ unit.mT  # (2N, 2N)
    logits.fill_diagonal_(-math.inf)  # a view is no candidate for itself
    return logits, torch.arange(2 * n, device=logits.device).roll(n)


def _unit(z: Tensor) -> Tensor:
    """Rows of length 1; a row of zeros stays one, with a gradient that is still a number in 16 bits."""
    z = at_least_float32(z)
    length = z.norm(dim=1, keepdim=True)
    return z / length.where(length > 0, 1)


@contextmanager
def _same_draws(device: torch.device) -> Iterator[None]:
    """Torch's global generators start from one fixed state inside and are as before afterwards."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        yield


def _check_temperature(temperature: float) -> None:
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature must be a number above 0, got {temperature}")
