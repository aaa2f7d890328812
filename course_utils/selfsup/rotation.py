"""Rotation as a pretext task: which way up was the picture?

[1] Gidaris, Singh, Komodakis: Unsupervised representation learning by predicting image rotations,
    ICLR 2018, arXiv 1803.07728.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.modes import evaluating
from ..training.objectives import Metrics

TURNS = 4  # by 0, 90, 180 and 270 degrees [1, section 3]


def rotate_batch(x: Tensor, k: Tensor) -> Tensor:
    """Turns each picture by its own number of right angles, counter-clockwise.

    Exact: the pixels change places and nothing else, so four turns by 90 degrees are none.

    Args:
        x: (N, C, H, H), square pictures.
        k: (N,) whole numbers, how many times 90 degrees; -1 is a turn clockwise.

    Returns:
        (N, C, H, H), a new tensor.

    Raises:
        ValueError: pictures that aren't square, or not one whole number for each.
    """
    _check_pictures(x)
    if k.shape != x.shape[:1] or k.is_floating_point() or k.is_complex():
        raise ValueError(
            f"k must hold a whole number for each of the {len(x)} pictures, "
            f"got {k.dtype} of shape {tuple(k.shape)}"
        )
    x = x.detach()
    k = k.to(x.device) % TURNS
    turned = x.clone()
    for turns in range(1, TURNS):
        chosen = k == turns  # (N,) bool
        turned[chosen] = x[chosen].rot90(turns, dims=(2, 3))
    return turned


def rotation_task(x: Tensor) -> tuple[Tensor, Tensor]:
    """Every picture in all four positions, and how it was turned: labels that cost nothing [1, eq. 2].

    Args:
        x: (N, C, H, H), square pictures.

    Returns:
        pictures (4N, C, H, H), all of x as it is, then all of it turned by 90, 180 and 270 degrees,
        and labels (4N,) int64: 0, 1, 2 and 3.

    Raises:
        ValueError: pictures that aren't square.
    """
    _check_pictures(x)
    x = x.detach()
    turned = torch.cat([x.rot90(turns, dims=(2, 3)) for turns in range(TURNS)])
    return turned, torch.arange(TURNS, device=x.device).repeat_interleave(len(x))


def rotation(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
    """An objective for `training.fit`: tell the four rotations of every picture apart.

    Args:
        model: pictures (N, 3, H, H) in [0, 1] -> logits (N, 4).
        x: (N, 3, H, H) in [0, 1].
        y: not looked at, so unlabelled pictures will do.

    Returns:
        {"loss": mean cross-entropy, "accuracy": the pretext task's}, over all 4N pictures.
    """
    turned, turns = rotation_task(x)
    logits = model(turned)  # (4N, 4)
    return {
        "loss": F.cross_entropy(logits, turns),
        "accuracy": (logits.argmax(dim=1) == turns).float().mean(),
    }


def upside_down(model: nn.Module, x: Tensor) -> Tensor:
    """Which pictures stand on their heads: what a phone asks before it turns the screen.

    Args:
        model: a rotation network, pictures (N, 3, H, H) in [0, 1] -> logits (N, 4).
        x: (N, 3, H, H) in [0, 1].

    Returns:
        (N,) bool, true where it finds 180 degrees likelier than 0.
    """
    with evaluating(model), torch.no_grad():
        logits = model(x)  # (N, 4)
    return logits[:, 2] > logits[:, 0]


def _check_pictures(x: Tensor) -> None:
    if x.ndim != 4 or x.shape[2] != x.shape[3]:
        raise ValueError(
            f"pictures must be square, (N, C, H, H), to be turned by 90 degrees; got {tuple(x.shape)}: "
            "crop them first"
        )
