"""The plane of chroma cut into bins: colouring as a choice among colours instead of a number.

[1] Zhang, Isola, Efros: Colorful image colorization, ECCV 2016, arXiv 1603.08511.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from .colouring import LUMA, TEMPERATURE, chroma

# ITU-R BT.601: Cb = (B - Y) / 1.772 and Cr = (R - Y) / 1.402, each in [-0.5, 0.5].
CB, CR = 1.772, 1.402


def to_plane(x: Tensor) -> Tensor:
    """Pictures (N, 3, H, W) as points of the chroma plane: (N, 2, H, W), Cb then Cr, in [-0.5, 0.5]."""
    colour = chroma(x)
    return torch.stack([colour[:, 2] / CB, colour[:, 0] / CR], dim=1)


def from_plane(points: Tensor) -> Tensor:
    """Points (N, 2, …) of the chroma plane as chroma (N, 3, …): RGB minus grey, of luma 0."""
    blue, red = CB * points[:, 0], CR * points[:, 1]
    green = -(LUMA[0] * red + LUMA[2] * blue) / LUMA[1]  # what makes the luma 0
    return torch.stack([red, green, blue], dim=1)


class ColourBins:
    """A square grid of bins over the middle of the chroma plane, each with its weight in the loss.

    Args:
        step: distance of neighbouring bins in the plane, where Cb and Cr reach from -0.5 to 0.5.
        radius: bins lie at most so far from grey, the middle of the plane.
        weights: (B,) of the bins in the loss [1, section 2.2]; None for 1 each. `weighted` makes them.

    Attributes:
        centres: (B, 2) the bins' places (Cb, Cr), row by row; `grey` is the index of (0, 0).

    Raises:
        ValueError: a step or radius not above 0, or weights that are not one positive number a bin.
    """

    def __init__(
        self, step: float = 0.1, radius: float = 0.36, weights: Tensor | None = None
    ) -> None:
        for name, value in (("step", step), ("radius", radius)):
            if not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")
        self.step, self.radius = step, radius
        reach = int(radius / step)
        along = step * torch.arange(-reach, reach + 1)
        grid = torch.cartesian_prod(along, along)  # (K, 2)
        self.centres = grid[grid.norm(dim=1) <= radius]
        self.grey = int(self.centres.norm(dim=1).argmin())
        self.weights = torch.ones(len(self.centres)) if weights is None else weights
        if self.weights.shape != (len(self),) or not (self.weights > 0).all():
            raise ValueError(
                f"weights must be {len(self)} numbers above 0, one a bin, got {weights}; "
                "`ColourBins.weighted` makes them from pictures"
            )

    def __len__(self) -> int:
        return len(self.centres)

    def _distances(self, x: Tensor) -> Tensor:
        """Squared distance of each pixel's colour from each bin: (N, B, H, W)."""
        points = to_plane(x)
        centres = self.centres.to(x)
        blue = (points[:, :1] - centres[:, 0].view(1, -1, 1, 1)).square_()
        return blue.add_((points[:, 1:] - centres[:, 1].view(1, -1, 1, 1)).square_())

    def nearest(self, x: Tensor) -> Tensor:
        """Which bin is nearest to each pixel's colour: (N, 3, H, W) in [0, 1] -> (N, H, W) int64."""
        return self._distances(x).argmin(dim=1)

    def soft(self, x: Tensor) -> Tensor:
        """Each pixel's colour as shares of the bins around it [1, section 2.1].

        A Gaussian of half a step, so that only the nearest few count; the paper keeps five of them.

        Args:
            x: (N, 3, H, W) in [0, 1].

        Returns:
            (N, B, H, W), at each pixel adding up to 1.
        """
        sigma = self.step / 2
        return self._distances(x).mul_(-1 / (2 * sigma**2)).softmax(dim=1)

    def shares(self, batches: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
        """How often each bin is needed: its share (B,) of all pixels, softly counted, adding up to 1."""
        total, pixels = torch.zeros(len(self), dtype=torch.float64), 0
        for x, _ in batches:
            total += self.soft(x).sum(dim=(0, 2, 3)).cpu().double()
            pixels += x[:, 0].numel()
        return (total / pixels).float()

    def weighted(self, shares: Tensor, mixture: float = 0.5) -> ColourBins:
        """The same bins, those of rare colours weighing more [1, eq. 4].

        Args:
            shares: (B,) from `shares`.
            mixture: how much of a uniform distribution is mixed in before the weight is one over it;
                at 1 all bins weigh the same.

        Returns:
            Bins with weights whose mean over the pixels counted is 1.

        Raises:
            ValueError: mixture not in (0, 1].
        """
        if not 0 < mixture <= 1:
            raise ValueError(f"mixture must be above 0 and at most 1, got {mixture}")
        weights = 1 / ((1 - mixture) * shares + mixture / len(self))
        return ColourBins(self.step, self.radius, weights / (weights * shares).sum())

    def annealed_mean(self, logits: Tensor, temperature: float = TEMPERATURE) -> Tensor:
        """One colour from a distribution over the bins [1, eq. 5].

        Args:
            logits: (N, B, H, W).
            temperature: 1 takes the distribution's mean, near 0 its most likely bin; the paper's 0.38
                lies between: as vivid as the one, hardly as spotty as the other.

        Returns:
            Chroma (N, 3, H, W).

        Raises:
            ValueError: another number of bins, or a temperature not above 0.
        """
        if logits.shape[1] != len(self):
            raise ValueError(
                f"logits for {logits.shape[1]} bins, but these are {len(self)}: "
                "take the bins that the network was trained with"
            )
        if not temperature > 0:
            raise ValueError(f"temperature must be above 0, got {temperature}")
        shares = (logits / temperature).softmax(dim=1)
        return from_plane(torch.einsum("nbhw,bc->nchw", shares, self.centres.to(shares)))

    def colours(self, grey: float = 0.5) -> Tensor:
        """How each bin looks at a grey value: (B, 3) in [0, 1], as near as a screen can show it."""
        return (grey + from_plane(self.centres)).clamp(0, 1)


def balanced_accuracy(
    coloured: Tensor, x: Tensor, bins: ColourBins, *, within: float = 0.1, least: float = 0.001
) -> float:
    """How often a pixel's colour is right, every colour counting the same however rare it is.

    Without the balance, the much sky and the little red of a picture would count by their area, and who
    paints everything grey would look good.

    Args:
        coloured: (N, 3, H, W) in [0, 1], what is judged.
        x: (N, 3, H, W) in [0, 1], the truth. Its nearest bin says which colour a pixel has.
        bins: the colours to tell apart.
        within: right is what lies at most so far from the truth in the plane of Cb and Cr; about the
            distance from one bin to the next.
        least: colours of a smaller share of the pixels are left out, as too few to count.

    Returns:
        The mean over colours of the share of their pixels that are right.
    """
    right = (to_plane(coloured) - to_plane(x)).norm(dim=1) <= within  # (N, H, W)
    nearest = torch.cat([bins.nearest(some) for some in x.split(100)]).flatten()
    pixels = torch.bincount(nearest, minlength=len(bins))
    found = torch.bincount(nearest, weights=right.flatten().float(), minlength=len(bins))
    often = pixels >= least * pixels.sum()
    return float((found[often] / pixels[often]).mean())
