"""Colouring: which colours belong to a grey picture?

The pictures label themselves: their colour is taken away, and the network shall give it back. As a
regression it answers the mean of all that is possible, which is dull; as a choice among bins of colour, rare
colours weighing more, it makes up its mind [1].

[1] Zhang, Isola, Efros: Colorful image colorization, ECCV 2016, arXiv 1603.08511.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..models.modes import evaluating
from ..training.objectives import Metrics, Objective

if TYPE_CHECKING:
    from .colour_bins import ColourBins

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
TEMPERATURE = 0.38  # [1, section 2.3]


def to_grey(x: Tensor) -> Tensor:
    """The luma of pictures (N, 3, H, W): (N, 1, H, W), 0.299 R + 0.587 G + 0.114 B. Differentiable.

    Raises:
        ValueError: not three channels.
    """
    if x.ndim != 4 or x.shape[1] != 3:
        raise ValueError(f"x must be pictures (N, 3, H, W), got {tuple(x.shape)}")
    weights = torch.tensor(LUMA, dtype=x.dtype, device=x.device)
    return (x * weights.view(1, 3, 1, 1)).sum(dim=1, keepdim=True)


def chroma(x: Tensor) -> Tensor:
    """What is left of pictures (N, 3, H, W) without their grey: (N, 3, H, W), 0 where nothing is coloured."""
    return x - to_grey(x)


def colour_loss(prediction: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of the pixels' squared chroma error, summed over the three components. Differentiable.

    The prediction's own grey doesn't count: it is known.

    Args:
        prediction, x: (N, 3, H, W), RGB.
        weight: (N, 1, H, W), at least 0.

    Returns:
        A scalar; 0 where nothing weighs anything.

    Raises:
        ValueError: shapes that don't fit.
    """
    expected = (len(x), 1, *x.shape[2:])
    if prediction.shape != x.shape or weight.shape != expected:
        raise ValueError(
            f"for pictures {tuple(x.shape)}, prediction must have the same shape and weight "
            f"{expected}; got {tuple(prediction.shape)} and {tuple(weight.shape)}"
        )
    error = (chroma(prediction) - chroma(x)).square().sum(dim=1, keepdim=True)  # (N, 1, H, W)
    total = weight.sum()
    return (error * weight).sum() / torch.where(total == 0, torch.ones_like(total), total)


def colouring() -> Objective:
    """Colouring as a regression, for `training.fit`; the model is a `UNet(1, 3)` that answers chroma.

    Returns:
        objective(model, x, y) -> {"loss"}, `colour_loss` with every pixel weighing the same; y is ignored.
    """

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        grey = to_grey(x)
        return {"loss": colour_loss(model(grey), x, torch.ones_like(grey))}

    return objective


def rebalanced_colouring(bins: ColourBins) -> Objective:
    """Colouring as a choice among bins, for `training.fit`; the model is a `UNet(1, len(bins))`.

    In train mode the loss looks at one pixel of each square of 2 x 2, the same one in the whole batch,
    drawn from torch's global generator: neighbours say much the same, and many bins cost much time.

    Args:
        bins: with weights, so that rare colours count [1, section 2.2]; see `ColourBins.weighted`.

    Returns:
        objective(model, x, y) -> {"loss", "accuracy"}: the cross-entropy [1, eq. 2] against each pixel's
        soft bins, weighted by its nearest bin's weight; and, not weighted, how often the nearest bin
        is the likeliest. y is ignored.
    """

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        logits = model(to_grey(x))  # (N, B, H, W)
        if model.training:
            row, column = torch.randint(2, (2,)).tolist()
            x, logits = (t[:, :, row::2, column::2] for t in (x, logits))
        target = bins.soft(x)
        nearest = target.argmax(dim=1)  # (N, H, W)
        error = -(target * logits.log_softmax(dim=1)).sum(dim=1)
        weight = bins.weights.to(x)[nearest]
        return {
            "loss": (error * weight).sum() / weight.sum(),
            "accuracy": (logits.argmax(dim=1) == nearest).float().mean(),
        }

    return objective


def colour(
    model: nn.Module,
    grey: Tensor,
    bins: ColourBins | None = None,
    temperature: float = TEMPERATURE,
) -> Tensor:
    """Grey pictures coloured by a network; their grey stays, as far as RGB in [0, 1] has the colour.

    Args:
        model: trained by `colouring`, or by `rebalanced_colouring` if `bins` are given.
        grey: (N, 1, H, W) in [0, 1].
        bins: those that the model chooses from; None if it answers chroma.
        temperature: of `ColourBins.annealed_mean`.

    Returns:
        (N, 3, H, W) in [0, 1], detached.

    Raises:
        ValueError: pictures that aren't grey, or bins that aren't the model's.
    """
    if grey.ndim != 4 or grey.shape[1] != 1:
        raise ValueError(
            f"grey must be (N, 1, H, W), got {tuple(grey.shape)}: to_grey(x) makes it of pictures"
        )
    with evaluating(model), torch.no_grad():
        answer = model(grey)
        if bins is None and answer.shape[1] != 3:
            raise ValueError(
                f"the model answers {answer.shape[1]} channels, not 3: give the bins it chooses from"
            )
        found = chroma(answer) if bins is None else bins.annealed_mean(answer, temperature)
        return (grey + found).clamp(0, 1)


def chroma_error(coloured: Tensor, x: Tensor) -> float:
    """Root mean square of the chroma's error over pixels and components, as a fraction of the pixel range."""
    return float((chroma(coloured) - chroma(x)).square().mean().sqrt())


def saturation(x: Tensor) -> float:
    """How coloured pictures (N, 3, H, W) are: the root mean square of their chroma; 0 for grey ones."""
    return float(chroma(x).square().mean().sqrt())
