"""Holes, what was in them, and what fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.plots.picture import (
    GREY,
    INK,
    PALETTE,
    PAPER,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)

MARKERS = "osD^vP"


@styled
def filled_holes(
    x: Tensor,
    mask: Tensor,
    fills: Mapping[str, Tensor],
    *,
    title: str = "What was in the hole, and what each method puts there",
) -> Picture:
    """A row for each picture: with its hole, the fills with their errors, and what was there.

    Args:
        x: (N, 3, H, W) in [0, 1], the pictures before anything was cut out.
        mask: (N, 1, H, W) of zeros and ones, 1 = missing.
        fills: who filled the hole -> (N, 3, H, W).
        title: what to see.

    Raises:
        ValueError: a fill of another shape than the pictures.
    """
    for name, fill in fills.items():
        if fill.shape != x.shape:
            raise ValueError(
                f"the pictures have shape {tuple(x.shape)}, the fill {name!r} {tuple(fill.shape)}: "
                "give one filled picture for each"
            )
    columns = 2 + len(fills)
    errors = {name: hole_errors(fill, x, mask) for name, fill in fills.items()}
    told = "; ".join(f"{name}: {percent(float(e.mean()))}" for name, e in errors.items())
    alt = sentence(title, f"Pictures with a hole: {len(x)}. Mean error inside it: {told}")
    height = 0.85 + len(x) * (9.6 / columns + 0.3)
    picture = new(10, height, title=title, alt=alt)
    axes = picture.subplots(len(x), columns, squeeze=False)
    for row, line in enumerate(axes):
        _hole(line[0], x[row], mask[row])
        for ax, (name, fill) in zip(line[1:-1], fills.items(), strict=True):
            draw_image(ax, fill[row])
            _outline(ax, mask[row])
            ax.set_xlabel(f"error {percent(float(errors[name][row]))}")
        draw_image(line[-1], x[row])
        _outline(line[-1], mask[row])
        line[-1].set_xlabel("the truth")
    for ax, name in zip(axes[0], ("the hole", *fills, "what was there"), strict=True):
        ax.set_title(name)
    return picture


def hole_errors(fill: Tensor, x: Tensor, mask: Tensor) -> Tensor:
    """Each picture's root mean squared error inside its hole, as a fraction of the pixel range; (N,)."""
    missing = mask.to(x).expand_as(x)
    square = ((fill - x).square() * missing).sum(dim=(1, 2, 3))
    return (square / missing.sum(dim=(1, 2, 3)).clamp(min=1)).sqrt().detach().cpu()


def _hole(ax: Axes, image: Tensor, mask: Tensor) -> None:
    """The picture without what is missing: hatched paper, so that it isn't taken for a grey thing."""
    draw_image(ax, torch.where(mask.bool(), 1.0, image))
    x, y, width, height = _box(mask)
    ax.add_patch(Rectangle((x, y), width, height, fc=PAPER, ec=GREY, hatch="//", lw=0))
    _outline(ax, mask)
    ax.set_xlabel("what is left")


def _outline(ax: Axes, mask: Tensor) -> None:
    """Just outside the hole, so that the seam stays to be seen."""
    x, y, width, height = _box(mask)
    box = (x - 0.4, y - 0.4), width + 0.8, height + 0.8
    # A white line below: readable on pictures of any colour.
    for colour, line in ((PAPER, 2.4), (INK, 1.0)):
        ax.add_patch(Rectangle(*box, fill=False, ec=colour, lw=line))


def _box(mask: Tensor) -> tuple[float, float, int, int]:
    """The smallest box around what is missing: left, top, width, height, in the axes' pixels."""
    rows, columns = (mask[0].detach().cpu().bool().any(dim=axis).nonzero() for axis in (1, 0))
    if not len(rows):
        return 0.0, 0.0, 0, 0
    top, left = int(rows[0]), int(columns[0])
    return left - 0.5, top - 0.5, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1


@styled
def fills_by_width(
    widths: Sequence[int],
    errors: Mapping[str, Sequence[float]],
    energies: Mapping[str, Sequence[float]],
    *,
    title: str = "The wider the hole, the larger the error, and the less goes on in the fill",
) -> Picture:
    """How far off the fills are, and how sharp they are, as the hole grows.

    Args:
        widths: of the holes, in pixels.
        errors: who filled the hole -> root mean squared error at each width, fraction of the pixel range.
        energies: who filled it -> gradient energy inside the hole at each width (see
            `selfsup.gradient_energy`), as a fraction of the true pictures'.
        title: what to see.
    """
    last = "; ".join(
        f"{name}: error {percent(errors[name][-1])}, gradient energy {percent(energies[name][-1])} "
        "of the true picture's"
        for name in errors
    )
    alt = sentence(title, f"In holes {widths[-1]} pixels wide, {last}")
    picture = new(10, 4.3, title=title, alt=alt)
    left, right = picture.subplots(1, 2)
    for index, name in enumerate(errors):
        style = {"color": PALETTE[index % len(PALETTE)], "marker": MARKERS[index % len(MARKERS)]}
        left.plot(widths, [100 * e for e in errors[name]], label=name, **style)
        right.plot(widths, [100 * e for e in energies[name]], **style)
    right.axhline(100, color=INK, linewidth=1.2, linestyle="--")
    right.annotate(
        "the true pictures", (widths[-1], 100), (0, -4), textcoords="offset points", ha="right", va="top"
    )  # fmt: skip
    left.set_title("how far off")
    right.set_title("how sharp")
    left.set_ylabel("RMS error in the hole, % of the pixel range")
    right.set_ylabel("gradient energy in the hole, % of the truth's")
    for ax in (left, right):
        ax.set_xlabel("width of the hole, pixels")
        ax.set_ylim(bottom=0)
        ax.grid(axis="y")
    left.legend()
    return picture
