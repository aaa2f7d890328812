"""Inpainting: what was where the hole is?

[1] Pathak, Krähenbühl, Donahue, Darrell, Efros: Context encoders: feature learning by inpainting,
    CVPR 2016, arXiv 1604.07379.
[2] Hays, Efros: Scene completion using millions of photographs, SIGGRAPH 2007.

The network learns by the reconstruction loss alone [1, eq. 1]. Where the visible pixels leave several
fillings possible, a squared error is smallest at their mean, so the fill comes out blurred. The paper
adds a second network that tells fills from true pictures [1, eq. 2]; fooling it takes picking one of
the possible fillings, and a sharp one. That adversarial loss needs a long and delicate training and is
left out here.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.modes import evaluating
from ..training.objectives import Metrics, Objective

GREY = 0.5  # where nothing visible says better


def hole_mask(
    n: int, size: int, fraction: float, generator: torch.Generator | None = None
) -> Tensor:
    """One square hole a picture, at a place of its own, wholly inside.

    Args:
        n: pictures.
        size: their side in pixels.
        fraction: of the area that is missing, above 0 and at most 1; the side is rounded to whole
            pixels, and is at least one.
        generator: source of randomness.

    Returns:
        (n, 1, size, size) of zeros and ones, 1 = missing; every place is equally likely.

    Raises:
        ValueError: a fraction that no hole has.
    """
    side = _side(size, fraction)
    return _squares(torch.full((n,), side), size, generator)


def square_mask(n: int, size: int, row: int, column: int, side: int) -> Tensor:
    """The same square hole in all pictures, at a place that was chosen.

    Args:
        n: pictures.
        size: their side in pixels.
        row, column: of the hole's upper left pixel.
        side: of the hole, in pixels.

    Returns:
        (n, 1, size, size) of zeros and ones, 1 = missing.

    Raises:
        ValueError: the hole does not lie wholly inside.
    """
    if side < 1 or min(row, column) < 0 or max(row, column) + side > size:
        raise ValueError(
            f"a hole of {side} x {side} pixels at row {row}, column {column} does not fit into "
            f"{size} x {size}: make it smaller or move it"
        )
    mask = torch.zeros(n, 1, size, size)
    mask[:, :, row : row + side, column : column + side] = 1
    return mask


def _side(size: int, fraction: float) -> int:
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction must be above 0 and at most 1, got {fraction}")
    return max(1, round(size * math.sqrt(fraction)))


def _squares(sides: Tensor, size: int, generator: torch.Generator | None) -> Tensor:
    """Squares of these sides (n,) -> masks (n, 1, size, size)."""
    # Drawn where the generator lives (by default the CPU), so a seed means the same on every device.
    where = generator.device if generator is not None else torch.device("cpu")
    sides = sides.to(where)
    chance = torch.rand(2, len(sides), generator=generator, device=where, dtype=torch.float64)
    corners = (chance * (size - sides + 1)).long()  # (2, n): rows, columns
    pixels = torch.arange(size, device=where)
    # (2, n, size): which rows, and which columns, the hole covers
    inside = (pixels >= corners[..., None]) & (pixels < (corners + sides)[..., None])
    return (inside[0][:, :, None] & inside[1][:, None, :])[:, None].float()


def inpainting_loss(prediction: Tensor, x: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error over all channels of the missing pixels, pooled over the batch [1, eq. 1].

    Args:
        prediction, x: (N, 3, H, W).
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.

    Returns:
        A scalar, differentiable; 0 when nothing is missing.
    """
    missing = mask.expand_as(x).to(x.dtype)
    error = (prediction - x).square() * missing
    return error.sum() / missing.sum().clamp(min=1)


def gradient_energy(x: Tensor, mask: Tensor) -> Tensor:
    """How much goes on inside the hole: the mean squared difference of neighbouring missing pixels.

    Edges and texture give much, a blurred fill gives little.

    Args:
        x: (N, 3, H, W) in [0, 1].
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.

    Returns:
        A scalar, pooled over the batch, both directions and all channels; 0 where no two missing
        pixels touch.
    """
    energy, pairs = x.new_zeros(()), x.new_zeros(())
    for axis in (2, 3):
        length = x.shape[axis] - 1
        both = mask.narrow(axis, 0, length) * mask.narrow(axis, 1, length)
        energy = energy + (x.diff(dim=axis).square() * both).sum()
        pairs = pairs + both.sum() * x.shape[1]
    return energy / pairs.clamp(min=1)


def mean_fill(x: Tensor, mask: Tensor) -> Tensor:
    """Each picture's hole in the mean colour of its visible pixels.

    Args:
        x: (N, 3, H, W) in [0, 1].
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.

    Returns:
        (N, 3, H, W), new; visible pixels as they were, mid-grey where nothing is visible.
    """
    seen = 1 - mask.to(x.dtype)
    count = seen.sum(dim=(2, 3), keepdim=True)  # (N, 1, 1, 1)
    mean = (x * seen).sum(dim=(2, 3), keepdim=True) / count.clamp(min=1)  # (N, 3, 1, 1)
    return torch.where(mask.bool(), torch.where(count > 0, mean, GREY), x)


def bilinear_fill(x: Tensor, mask: Tensor) -> Tensor:
    """Straight lines of colour across the hole, from each border to the opposite one.

    Along its row a missing pixel lies between the nearest visible pixels left and right, and gets the
    colour on the straight line between theirs; along its column likewise; and then the mean of the two.
    A hole at the picture's rim has no pixel beyond: there the one on the other side counts alone.

    Args:
        x: (N, 3, H, W) in [0, 1].
        mask: (N, 1, H, W) of zeros and ones, 1 = missing; holes of any shape.

    Returns:
        (N, 3, H, W), new; visible pixels as they were, mid-grey where neither its row nor its column
        holds a visible pixel.
    """
    missing = mask.bool()
    across, known_across = _between(x, missing)
    down, known_down = (t.transpose(2, 3) for t in _between(x.mT, missing.mT))
    weight = known_across.to(x.dtype) + known_down.to(x.dtype)  # (N, 1, H, W): 0, 1 or 2
    fill = torch.where(known_across, across, 0) + torch.where(known_down, down, 0)
    fill = torch.where(weight > 0, fill / weight.clamp(min=1), GREY)
    return torch.where(missing, fill, x)


def _between(x: Tensor, missing: Tensor) -> tuple[Tensor, Tensor]:
    """Along each row: the colour between the nearest visible neighbours, and where there is one at all."""
    width = x.shape[-1]
    column = torch.arange(width, device=x.device).expand_as(missing)
    # The nearest visible column at or before each pixel, -1 if none; and at or after it, width if none.
    left = column.masked_fill(missing, -1).cummax(dim=-1).values
    right = column.masked_fill(missing, width).flip(-1).cummin(dim=-1).values.flip(-1)
    has_left, has_right = left >= 0, right < width
    ends = [
        x.gather(-1, end.clamp(0, width - 1).expand_as(x)) for end in (left, right)
    ]  # colours (N, 3, H, W)
    share = (column - left) / (right - left).clamp(min=1)  # of the right end, (N, 1, H, W)
    share = torch.where(has_left, share, 1.0)
    share = torch.where(has_right, share, 0.0).to(x.dtype)
    return ends[0] * (1 - share) + ends[1] * share, has_left | has_right


def neighbour_fill(x: Tensor, mask: Tensor, pictures: Tensor, k: int = 1, ring: int = 3) -> Tensor:
    """The hole filled from the k pictures that fit best around it: their mean, pixel by pixel; after [2].

    With k = 1 the fill is a piece of a true picture, as sharp as one and often wrong. More of them stand
    for what could be there: their mean is blurred and nearer to the truth.

    Args:
        x: (N, 3, H, W) in [0, 1].
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.
        pictures: (B, 3, H, W) to borrow from; a picture of x among them would find itself.
        k: how many to average, at most B.
        ring: how many pixels around the hole are compared, by their squared difference.

    Returns:
        (N, 3, H, W), new; visible pixels as they were.

    Raises:
        ValueError: fewer than k pictures.
    """
    if not 1 <= k <= len(pictures):
        raise ValueError(f"k must be from 1 to the {len(pictures)} pictures there are, got {k}")
    mask = mask.to(x)
    around = F.max_pool2d(mask, 2 * ring + 1, stride=1, padding=ring) - mask
    weight, bank = around.expand_as(x).flatten(1), pictures.flatten(1)  # (N, P), (B, P)
    # |a - b|² without |a|², which is the same for all b.
    distance = weight @ bank.square().T - 2 * (weight * x.flatten(1)) @ bank.T  # (N, B)
    nearest = distance.topk(k, largest=False).indices  # (N, k)
    fill = torch.stack([pictures[row].mean(dim=0) for row in nearest])
    return torch.where(mask.bool(), fill, x)


def predict(model: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
    """The network's colours for all pixels: straight lines across the hole, and what it adds to them.

    To begin where `bilinear_fill` ends spares the network most of its training, which otherwise goes
    into carrying the colours of the border across the hole.

    Args:
        model: (N, 4, H, W), the picture with straight lines in its hole and the mask, -> (N, 3, H, W).
        x: (N, 3, H, W) in [0, 1]; what it holds inside the hole is not looked at.
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.

    Returns:
        (N, 3, H, W), not clamped; differentiable in the model's weights.
    """
    mask = mask.to(x)
    start = bilinear_fill(x, mask)
    return start + model(torch.cat([start, mask], dim=1))


def inpaint(model: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
    """The picture with its hole filled by the network.

    Args:
        model: such as `models.UNet(4, 3)`, used as in `predict`.
        x: (N, 3, H, W) in [0, 1]; what it holds inside the hole is not looked at.
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.

    Returns:
        (N, 3, H, W) in [0, 1], new and without a graph; visible pixels exactly as they were.
    """
    with evaluating(model), torch.no_grad():
        fill = predict(model, x, mask).clamp(0, 1).to(x.dtype)
    return torch.where(mask.to(x.device).bool(), fill, x).detach()


def inpainting(fraction: float | tuple[float, float] = (0.03, 0.3), holes: int = 1) -> Objective:
    """The pretext task for `training.fit`; the model is a `models.UNet(4, 3)`, the pictures are square.

    In train mode the holes come from torch's global generator. In eval mode each batch has a
    generator of its own, always the same, so that two evaluations agree.

    Args:
        fraction: of the area that a hole takes; of a pair (least, most) each hole gets its own side,
            uniform between theirs.
        holes: cut out of each picture at once, perhaps overlapping. A picture with several teaches
            more, and costs no more, than a picture with one.

    Returns:
        objective(model, x, y) -> {"loss": `inpainting_loss`}; y is ignored.

    Raises:
        ValueError: a fraction that no hole has, or no hole.
    """
    least, most = fraction if isinstance(fraction, tuple) else (fraction, fraction)
    _side(1, least), _side(1, most)
    if holes < 1:
        raise ValueError(f"holes must be at least 1, got {holes}")

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        generator = None if model.training else torch.Generator().manual_seed(0)
        size = x.shape[-1]
        low, high = _side(size, least), _side(size, most)
        sides = torch.randint(low, high + 1, (holes * len(x),), generator=generator)
        squares = _squares(sides, size, generator).view(holes, len(x), 1, size, size)
        mask = squares.amax(dim=0).to(x.device)
        return {"loss": inpainting_loss(predict(model, x, mask), x, mask)}

    return objective
