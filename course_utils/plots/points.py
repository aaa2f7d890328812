"""Points sorted into piles, seen from above."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.plots.picture import INK, PALETTE, Picture, new, sentence, styled

MARKERS = "os^DvP*X"


@styled
def point_piles(
    panels: Mapping[str, tuple[Tensor, Tensor]], kinds: Tensor, *, title: str
) -> Picture:
    """The same points in several panels: colour tells the pile that each was put on, shape what it really is.

    A thin line leads from each point to the middle of its pile: the pile shows without its colour too.

    Args:
        panels: heading -> (points (N, 2), piles (N,) int64, at most 8 different ones).
        kinds: (N,) int64, at most 8 different ones.

    Raises:
        ValueError: no panel, points that can't be drawn, or more piles or kinds than there are colours.
    """
    if not panels:
        raise ValueError("no panel to draw: `panels` is empty")
    for heading, (points, piles) in panels.items():
        if points.shape != (len(kinds), 2) or piles.shape != kinds.shape:
            raise ValueError(
                f"{heading!r} has points {tuple(points.shape)} and piles {tuple(piles.shape)}; for "
                f"{len(kinds)} kinds they must be ({len(kinds)}, 2) and ({len(kinds)},)"
            )
        if max(int(piles.max()), int(kinds.max())) >= len(PALETTE):
            raise ValueError(f"at most {len(PALETTE)} piles and kinds can be told apart")
    told = "; ".join(f"{heading}: {_told(piles, kinds)}" for heading, (_, piles) in panels.items())
    shape = f"{len(kinds)} points. Colour: the pile, shape: the kind"
    picture = new(
        10, 1.0 + 9.0 / max(3, len(panels)), title=title, alt=sentence(title, shape, told)
    )
    for ax, (heading, (points, piles)) in zip(
        picture.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
    ):
        _to_the_middles(ax, points.detach().cpu(), piles.cpu())
        for kind in kinds.unique().tolist():
            x, y = points[kinds == kind].detach().cpu().T.tolist()
            colours = [PALETTE[pile] for pile in piles[kinds == kind].tolist()]
            ax.scatter(x, y, c=colours, marker=MARKERS[kind], s=46, edgecolors=INK, linewidths=0.5)
        ax.set(title=heading, xlabel="$h_1$", ylabel="$h_2$")
    return picture


def _to_the_middles(ax: Axes, points: Tensor, piles: Tensor) -> None:
    for pile in piles.unique().tolist():
        own = points[piles == pile]
        middle = own.mean(dim=0)
        for point in own:
            ends = torch.stack([middle, point]).T.tolist()
            ax.plot(*ends, color=PALETTE[pile], linewidth=0.7, zorder=0)


def _told(piles: Tensor, kinds: Tensor) -> str:
    """'pile 0 holds 9, 1 and 2 of the kinds', for all piles."""
    held = [
        [int(((piles == pile) & (kinds == kind)).sum()) for kind in kinds.unique()]
        for pile in piles.unique()
    ]
    return ", ".join("a pile of " + " + ".join(map(str, row)) for row in held)
