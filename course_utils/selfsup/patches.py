"""Patch localisation: which of the eight neighbours of a patch is this one?

Doersch, Gupta, Efros: Unsupervised visual representation learning by context prediction, ICCV 2015,
arXiv 1505.05192; gap, jitter and colour dropping are section 3.1's remedies against shortcuts.
"""

from __future__ import annotations

from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.objectives import Metrics, Objective

OFFSETS = tuple(
    (row, column) for row, column in product((-1, 0, 1), repeat=2) if (row, column) != (0, 0)
)


def neighbour_offset(position: int) -> tuple[int, int]:
    """Where neighbour 0..7 lies, as (row, column) in {-1, 0, 1}: row by row, the centre left out.

    Raises:
        ValueError: `position` is not one of 0..7.
    """
    if position not in range(8):
        raise ValueError(f"position must be a whole number from 0 to 7, got {position!r}")
    return OFFSETS[int(position)]


def sample_pair(
    image: Tensor,
    patch_size: int,
    gap: int,
    jitter: int,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, int]:
    """Two patches of a picture, and where the second lies as seen from the first.

    Args:
        image: (3, H, W).
        patch_size: side of a patch in pixels.
        gap: pixels left between the patches, before the jitter.
        jitter: the neighbour is moved by a whole number of pixels in [-jitter, jitter] a side.
        generator: source of randomness.

    Returns:
        (centre (3, P, P), neighbour (3, P, P), position 0..7). The position is uniform among those
        that fit, then the places uniform among those where both patches lie wholly inside.

    Raises:
        ValueError: no pair fits.
    """
    centres, neighbours, positions = pair_batch(image[None], patch_size, gap, jitter, generator)
    return centres[0], neighbours[0], int(positions)


def pair_batch(
    images: Tensor,
    patch_size: int,
    gap: int,
    jitter: int,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """One pair of patches from each picture, every pair with its own position and places.

    Args: as for `sample_pair`, with images (N, 3, H, W).

    Returns:
        (centres (N, 3, P, P), neighbours (N, 3, P, P), positions (N,) int64).

    Raises:
        ValueError: no pair fits.
    """
    corners, positions = pair_places(
        len(images), images.shape[2:], patch_size, gap, jitter, generator
    )
    centres, neighbours = (cut(images, corner, patch_size) for corner in corners)
    return centres, neighbours, positions.to(images.device)


def pair_places(
    n: int,
    size: tuple[int, int] | torch.Size,
    patch_size: int,
    gap: int,
    jitter: int,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Where the patches of n pairs lie, without cutting them: what `pair_batch` draws.

    Args:
        size: (H, W) of the pictures; the others as for `sample_pair`.

    Returns:
        Upper left corners (2, n, 2) int64, the centres' first, each (row, column); positions (n,) int64.
    """
    steps = [fitting(side, patch_size, gap, jitter) for side in size]  # rows, columns
    fits = [
        position
        for position, (row, column) in enumerate(OFFSETS)
        if len(steps[0][row]) and len(steps[1][column])
    ]
    if not fits:
        raise ValueError(
            f"no pair of patches fits: patch_size {patch_size}, gap {gap} and jitter {jitter} need "
            f"more than a picture of {size[0]} x {size[1]} pixels; take smaller ones"
        )
    # Drawn where the generator lives (by default the CPU), so a seed means the same on every device.
    where = generator.device if generator is not None else torch.device("cpu")
    chosen = torch.randint(len(fits), (n,), generator=generator, device=where)
    positions = torch.tensor(fits, device=where)[chosen]
    offsets = torch.tensor(OFFSETS, device=where)[positions]  # (n, 2)
    axes = [
        _draw_places(table, offsets[:, axis], generator) for axis, table in enumerate(steps)
    ]  # for each axis (n, 2): the centre's corner, the neighbour's
    return torch.stack(axes, dim=2).transpose(0, 1), positions


def fitting(side: int, patch_size: int, gap: int, jitter: int) -> dict[int, Tensor]:
    """Along one axis: for each step -1, 0, 1 every (centre's corner, neighbour's corner) that fits.

    Returns:
        step -> (K, 2) int64; K = 0 where nothing fits.
    """
    for name, value, least in (
        ("patch_size", patch_size, 1),
        ("gap", gap, 0),
        ("jitter", jitter, 0),
    ):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    corners = torch.arange(max(side - patch_size + 1, 0))
    moves = torch.arange(-jitter, jitter + 1)
    tables = {}
    for step in (-1, 0, 1):
        centre, move = (t.flatten() for t in torch.meshgrid(corners, moves, indexing="ij"))
        neighbour = centre + step * (patch_size + gap) + move
        inside = (neighbour >= 0) & (neighbour <= side - patch_size)
        tables[step] = torch.stack([centre, neighbour], dim=1)[inside]
    return tables


def _draw_places(
    table: dict[int, Tensor], steps: Tensor, generator: torch.Generator | None
) -> Tensor:
    """A row of `table` for each of the steps (n,), uniform among those of that step: (n, 2)."""
    where = steps.device
    counts = torch.tensor([len(table[step]) for step in (-1, 0, 1)], device=where)
    first = counts.cumsum(0) - counts
    # In float64 the fractions are fine enough for every place to be equally likely.
    u = torch.rand(len(steps), generator=generator, dtype=torch.float64, device=where)
    row = first[steps + 1] + (u * counts[steps + 1]).long()
    return torch.cat([table[step] for step in (-1, 0, 1)]).to(where)[row]


def cut(images: Tensor, corners: Tensor, patch_size: int) -> Tensor:
    """A square from each picture (N, 3, H, W), its upper left corner (row, column) from (N, 2): (N, 3, P, P)."""
    corners = corners.to(images.device)
    along = torch.arange(patch_size, device=images.device)
    picture = torch.arange(len(images), device=images.device)[:, None, None]
    rows = corners[:, 0, None, None] + along[:, None]  # (N, P, 1)
    columns = corners[:, 1, None, None] + along  # (N, 1, P)
    # Indexed on both sides of the channels, these come last: (N, P, P, 3).
    return images[picture, :, rows, columns].permute(0, 3, 1, 2)


def drop_colour(patches: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Keeps one channel of each patch, at random; the other two become faint noise around its mean.

    The noise has a hundredth of the kept channel's standard deviation: what one channel says of
    the colours, of their fringes too, is gone.

    Args:
        patches: (N, 3, P, P).
        generator: source of randomness.

    Returns:
        (N, 3, P, P), new.
    """
    n, channels = patches.shape[:2]
    where = generator.device if generator is not None else torch.device("cpu")
    kept = torch.randint(channels, (n,), generator=generator, device=where).to(patches.device)
    noise = torch.randn(patches.shape, generator=generator, dtype=patches.dtype, device=where)
    channel = patches[torch.arange(n, device=patches.device), kept]  # (N, P, P)
    mean = channel.mean(dim=(1, 2)).view(n, 1, 1, 1)
    std = channel.std(dim=(1, 2), unbiased=False).view(n, 1, 1, 1)
    is_kept = F.one_hot(kept, channels).bool()[:, :, None, None]  # (N, 3, 1, 1)
    return torch.where(is_kept, patches, mean + std / 100 * noise.to(patches.device))


def colour_fringes(x: Tensor, strength: float = 0.06) -> Tensor:
    """The pictures as seen through a lens that magnifies red a little more than green, and green than blue.

    A made (lateral) chromatic aberration: no pixel is moved in the middle, and the farther from it, the
    wider the coloured edges. So every patch tells from where in the picture it was cut.

    Args:
        x: (N, 3, H, W) in [0, 1].
        strength: by which fraction red is larger than blue; 0.06 moves it by 1.4 pixels at the side of
            a picture of 48.

    Returns:
        (N, 3, H, W) in [0, 1], new.

    Raises:
        ValueError: a negative strength.
    """
    if strength < 0:
        raise ValueError(f"strength must be at least 0, got {strength}")
    larger = 1 + strength * torch.tensor([1.0, 0.5, 0.0], dtype=x.dtype, device=x.device)
    theta = torch.zeros(3, 2, 3, dtype=x.dtype, device=x.device)
    theta[:, 0, 0] = theta[:, 1, 1] = 1 / larger  # nothing from outside the picture is needed
    grid = F.affine_grid(theta, [3, 1, *x.shape[2:]], align_corners=False)  # (3, H, W, 2)
    # One channel at a time is a batch of three, and the pictures are its channels.
    seen = F.grid_sample(x.transpose(0, 1), grid, padding_mode="border", align_corners=False)
    return seen.transpose(0, 1).contiguous()


def border_misfits(centres: Tensor, neighbours: Tensor) -> Tensor:
    """How badly the neighbour fits on each of the eight places, judged by the touching pixels alone.

    Args:
        centres, neighbours: (N, 3, P, P).

    Returns:
        (N, 8): mean squared difference along the border, at a corner of its one pixel.
    """
    edge = {-1: slice(0, 1), 0: slice(None), 1: slice(-1, None)}
    misfits = []
    for row, column in OFFSETS:
        ours = centres[:, :, edge[row], edge[column]]
        theirs = neighbours[:, :, edge[-row], edge[-column]]
        misfits.append((ours - theirs).square().mean(dim=(1, 2, 3)))
    return torch.stack(misfits, dim=1)


def match_borders(centres: Tensor, neighbours: Tensor) -> Tensor:
    """The puzzle solved without learning anything: the place (N,) int64 where the border fits best."""
    return border_misfits(centres, neighbours).argmin(dim=1)


class BorderNet(nn.Module):
    """A network that cheats by construction: it sees the eight misfits along the border, and nothing else.

    It can be trained by the objective of `patches`, and has no encoder that could be worth anything.
    """

    def __init__(self, hidden_dim: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm1d(8), nn.Linear(8, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, 8)
        )

    def forward(self, centre: Tensor, neighbour: Tensor) -> Tensor:
        """Patches (N, 3, P, P), twice -> logits (N, 8)."""
        # The logarithm, because misfits range over orders of magnitude.
        return self.layers((border_misfits(centre, neighbour) + 1e-4).log())


def nearest(query: Tensor, bank: Tensor, k: int) -> Tensor:
    """The k rows of `bank` that point most nearly the same way as each query, best first.

    Args:
        query: (Q, D).
        bank: (B, D).
        k: at most B.

    Returns:
        (Q, k) int64. A row of zeros is equally unlike everything.

    Raises:
        ValueError: the bank has fewer than k rows.
    """
    if not 1 <= k <= len(bank):
        raise ValueError(f"k must be from 1 to the bank's {len(bank)} rows, got {k}")
    cosine = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T  # (Q, B)
    return cosine.topk(k, dim=1).indices


_drop_colour = drop_colour  # `patches` has an argument of that name


def patches(patch_size: int, gap: int, jitter: int, drop_colour: bool = True) -> Objective:
    """The pretext task for `training.fit`; the model is a `models.pretext.PatchNet`.

    In train mode the pairs come from torch's global generator. In eval mode each batch has a
    generator of its own, always the same, so that two evaluations agree.

    Args:
        patch_size, gap, jitter: in pixels, as for `sample_pair`.
        drop_colour: whether both patches go through `drop_colour`, each by itself.

    Returns:
        objective(model, x, y) -> {"loss", "accuracy"}; y is ignored.
    """

    def objective(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
        generator = None if model.training else torch.Generator().manual_seed(0)
        centres, neighbours, positions = pair_batch(x, patch_size, gap, jitter, generator)
        if drop_colour:
            centres, neighbours = (_drop_colour(p, generator) for p in (centres, neighbours))
        logits = model(centres, neighbours)  # (N, 8)
        return {
            "loss": F.cross_entropy(logits, positions),
            "accuracy": (logits.argmax(dim=1) == positions).float().mean(),
        }

    return objective
