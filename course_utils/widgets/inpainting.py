"""A hole to put anywhere, and what fills it."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from .. import plots
from ..plots import Picture
from ..plots.inpainting import hole_errors
from .explore import explore, labelled


def fill_the_hole(
    model: nn.Module,
    pictures: Tensor,
    *,
    picture: int = 0,
    row: int | None = None,
    column: int | None = None,
    width: int | None = None,
    borrow: Tensor | None = None,
) -> Any:
    """Sliders for the picture, the hole's place and its width; the picture filled by each method below.

    A hole that would reach beyond the picture is moved back to its rim.

    Args:
        model: an inpainting network, such as `zoo.load("world_inpainting")`.
        pictures: (N, 3, H, H) in [0, 1].
        picture, row, column, width: the sliders' starts, in pixels; by default a third of the side
            wide, in the middle.
        borrow: (B, 3, H, H), other pictures; the hole is filled from the one that fits best, too.
    """
    # Here: the other widgets do without it while a lab withholds it.
    from ..selfsup.inpainting import bilinear_fill, inpaint, mean_fill, neighbour_fill, square_mask

    size = pictures.shape[-1]
    width = size // 3 if width is None else width
    middle = (size - width) // 2

    def draw(picture: int, row: int, column: int, width: int) -> Picture:
        row, column = min(row, size - width), min(column, size - width)
        x = pictures[[picture]]
        mask = square_mask(1, size, row, column, width).to(x)
        fills = {
            "mean colour": mean_fill(x, mask),
            "straight lines": bilinear_fill(x, mask),
        }
        if borrow is not None:
            fills["another picture"] = neighbour_fill(x, mask, borrow)
        fills["network"] = inpaint(model, x, mask)
        errors = {name: float(hole_errors(fill, x, mask)) for name, fill in fills.items()}
        best = min(errors, key=lambda name: errors[name])
        title = (
            f"A hole of {width} x {width} pixels at row {row}, column {column}. "
            f"Nearest to the truth: {best}"
        )
        return plots.filled_holes(x, mask, fills, title=title)

    return explore(
        draw,
        {
            "picture": _whole("picture", len(pictures) - 1, picture),
            "row": _whole("hole: top row", size - 1, middle if row is None else row),
            "column": _whole("hole: left column", size - 1, middle if column is None else column),
            "width": _whole("hole: width, pixels", size * 2 // 3, width, least=2),
        },
    )


def _whole(text: str, most: int, start: int, *, least: int = 0) -> Any:
    import ipywidgets

    return ipywidgets.IntSlider(
        value=start, min=least, max=most, continuous_update=False, **labelled(text)
    )
