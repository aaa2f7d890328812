"""Video colouring: a grey clip takes its colours from its first frame, and learns to track by it.

Vondrick, Shrivastava, Fathi, Guadarrama, Murphy: Tracking emerges by colorizing videos, ECCV 2018,
arXiv 1806.09594. Every pixel of a grey frame points at pixels of a reference frame, by how alike their
embeddings are (section 3.1, equation 1), and copies from there. Training makes the copied colours right;
the same pointer then carries a mask along (section 3.4), which nobody trained it to do.

The paper compares by inner products and quantises the colours; here unit vectors are compared by their
squared distance, which orders them alike, and the colours copied are continuous.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.modes import evaluating
from ..training.objectives import Metrics, Objective
from .colouring import chroma, to_grey

# The attention works on squares of 2 x 2 pixels: on single ones it would cost sixteen times as much.
CELL = 2


def attention(reference: Tensor, target: Tensor, temperature: float) -> Tensor:
    """Where each pixel of the target looks in the reference.

    Args:
        reference: (N, D, h, w), an embedding for every pixel.
        target: (N, D, h', w').
        temperature: of the softmax, in squared distance; the smaller, the sharper.

    Returns:
        (N, h' w', h w): softmax over the reference's pixels of -||target - reference||^2 / temperature.
        *Differentiable.*

    Raises:
        ValueError: a temperature that isn't above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    pixels = target.flatten(2).transpose(1, 2)  # (N, P, D)
    keys = reference.flatten(2)  # (N, D, Q)
    # The target's own square is the same for all of its candidates: the softmax drops it.
    distance = keys.square().sum(dim=1, keepdim=True) - 2 * pixels @ keys  # (N, P, Q)
    return (-distance / temperature).softmax(dim=2)


def fetch(weights: Tensor, values: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """The values that each target pixel finds where it looks: their mean, weighted by the attention.

    Args:
        weights: (N, P, Q), from `attention`.
        values: (N, C, h, w) of the reference, h w = Q.
        size: (h', w') of the target, h' w' = P.

    Returns:
        (N, C, h', w'). *Differentiable.*
    """
    found = weights @ values.flatten(2).transpose(1, 2)  # (N, P, C)
    return found.transpose(1, 2).unflatten(2, tuple(size))


def propagate_colour(
    grey_reference: Tensor, grey_target: Tensor, colour_reference: Tensor, temperature: float
) -> Tensor:
    """Colours copied by grey value alone, nothing learnt: the pixel itself is its embedding.

    Args:
        grey_reference, grey_target: (1, H, W) in [0, 1].
        colour_reference: (3, H, W).
        temperature: in squared grey difference.

    Returns:
        (3, H, W): at each pixel of the target the softmax-weighted mean of the reference's colours.
    """
    weights = attention(grey_reference[None], grey_target[None], temperature)
    return fetch(weights, colour_reference[None], grey_target.shape[1:])[0]


def embed(model: nn.Module, grey: Tensor) -> Tensor:
    """A unit vector for every square of 2 x 2 pixels.

    Args:
        model: grey pictures to D channels of the same size, a UNet(1, D).
        grey: (N, 1, H, W) in [0, 1], H and W even.

    Returns:
        (N, 4 D, H/2, W/2). *Differentiable.*
    """
    return F.normalize(F.pixel_unshuffle(model(grey), CELL).float(), dim=1)


def propagate(
    model: nn.Module,
    grey_reference: Tensor,
    grey_target: Tensor,
    values_reference: Tensor,
    temperature: float,
) -> Tensor:
    """Anything that the reference's pixels have, carried to the target's by the network's attention.

    Args:
        model: as for `embed`.
        grey_reference, grey_target: (N, 1, H, W) in [0, 1].
        values_reference: (N, C, H, W): the chroma, a mask.
        temperature: as in the training.

    Returns:
        (N, C, H, W): copied in squares of 2 x 2 pixels and smoothed, so that fine detail must come from
        elsewhere (a colour's from the target's own grey). *Differentiable.*
    """
    both = embed(model, torch.cat([grey_reference, grey_target]))  # (2 N, 4 D, H/2, W/2)
    reference, target = both.chunk(2)
    return _carry(attention(reference, target, temperature), values_reference)


def _carry(weights: Tensor, values: Tensor) -> Tensor:
    coarse = F.avg_pool2d(values, CELL)
    found = fetch(weights, coarse, coarse.shape[2:])
    return F.interpolate(found, scale_factor=CELL, mode="bilinear", align_corners=False)


def colour_clip(model: nn.Module, grey: Tensor, first: Tensor, temperature: float) -> Tensor:
    """A grey clip in the colours of its first frame.

    Args:
        model: as for `embed`; put in eval mode meanwhile.
        grey: (T, 1, H, W) in [0, 1].
        first: (3, H, W) in [0, 1], the first frame in colour.
        temperature: as in the training.

    Returns:
        (T, 3, H, W) in [0, 1], the first frame as given.
    """
    carried = _from_first(model, grey, chroma(first[None]), temperature)
    return torch.cat([first[None], (grey[1:] + carried).clamp(0, 1)])


def track(model: nn.Module, grey: Tensor, mask: Tensor, temperature: float) -> Tensor:
    """A thing followed through a grey clip from where it is in the first frame.

    Args:
        model, grey, temperature: as for `colour_clip`.
        mask: (H, W) bool, the thing in the first frame.

    Returns:
        (T, H, W) bool: where at least half of what a pixel fetches is the thing.
    """
    carried = _from_first(model, grey, mask[None, None].to(grey.dtype), temperature)
    return torch.cat([mask[None], carried[:, 0] >= 0.5])


def _from_first(model: nn.Module, grey: Tensor, values: Tensor, temperature: float) -> Tensor:
    """values (1, C, H, W) of the first frame, carried to all the others: (T - 1, C, H, W)."""
    with evaluating(model), torch.no_grad():
        embedded = embed(model, grey)
        weights = attention(embedded[:1].expand_as(embedded[1:]), embedded[1:], temperature)
        return _carry(weights, values.expand(len(grey) - 1, -1, -1, -1))


def look(
    model: nn.Module,
    grey_reference: Tensor,
    grey_target: Tensor,
    pixel: tuple[int, int],
    temperature: float,
) -> Tensor:
    """Where one pixel of the target looks in the reference.

    Args:
        model, temperature: as for `colour_clip`.
        grey_reference, grey_target: (1, H, W) in [0, 1].
        pixel: (row, column) in the target.

    Returns:
        (H/2, W/2): its attention, which sums to 1.
    """
    row, column = (place // CELL for place in pixel)
    with evaluating(model), torch.no_grad():
        reference, target = embed(model, torch.stack([grey_reference, grey_target])).split(1)
        one = target[:, :, row, column, None, None]  # (1, 4 D, 1, 1)
        return attention(reference, one, temperature).view(reference.shape[2:])


def iou(found: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of each pair of masks (…, H, W) bool: (…,), 1 where both are empty."""
    both = (found & truth).sum(dim=(-2, -1))
    either = (found | truth).sum(dim=(-2, -1))
    return torch.where(either > 0, both / either.clamp_min(1), 1.0)


def video_colouring(temperature: float, targets: int = 3) -> Objective:
    """The pretext task for `training.fit` on `data.clips.Clips`; the model is a `models.UNet(1, D)`.

    In train mode one frame of each clip, drawn from torch's global generator, lends its colours to
    `targets` others. In eval mode the first frame lends them to all others, so that two evaluations agree.

    Args:
        temperature: of the attention, in squared distance of unit vectors.
        targets: how many frames of a clip are coloured at each step; the attention costs more than the network.

    Returns:
        objective(model, x, y) on clips x (B, T, 3, H, W) -> {"loss": the mean squared error of the
        chroma over all pixels of the coloured frames}; y is ignored.
    """

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        order = (
            _drawn(x, targets) if model.training else torch.arange(x.shape[1]).expand(len(x), -1)
        )
        frames = x[torch.arange(len(x))[:, None], order]  # (B, 1 + targets, 3, H, W)
        pictures = frames.flatten(0, 1)
        colours = chroma(pictures).unflatten(0, order.shape)
        embedded = embed(model, to_grey(pictures)).unflatten(0, order.shape)
        reference, *others = embedded.unbind(1)
        # One frame after the other: the attention of all at once would not fit into the cache.
        errors = [
            (_carry(attention(reference, target, temperature), colours[:, 0]) - truth)
            .square()
            .mean()
            for target, truth in zip(others, colours.unbind(1)[1:], strict=True)
        ]
        return {"loss": torch.stack(errors).mean()}

    return objective


def _drawn(x: Tensor, targets: int) -> Tensor:
    """Which frames of each clip (B, T, …) to work on: the reference, then the targets. (B, 1 + targets)"""
    return torch.rand(x.shape[:2]).argsort(dim=1)[:, : 1 + targets].to(x.device)
