"""A pixel to pick: which colours the network thinks possible there, and which one it is given."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .. import plots
from ..models import evaluating
from ..plots import Picture
from ..plots.colouring import colour_word
from .explore import explore, labelled


def colour_picker(
    mean_model: nn.Module,
    rebalanced_model: nn.Module,
    pictures: Tensor,
    *,
    picture: int = 0,
    row: int | None = None,
    column: int | None = None,
    temperature: float = 0.38,
) -> Any:
    """Sliders for the picture, the pixel and the temperature; both colourings and the distribution below.

    Args:
        mean_model: `zoo.load("world_colouring")`, grey (N, 1, H, W) -> chroma (N, 3, H, W).
        rebalanced_model: `zoo.load("world_colouring_rebalanced")`, logits of `ColourBins()`.
        pictures: (N, 3, H, W) in [0, 1], in colour.
        picture, row, column: the sliders' starts; by default the pixel in the middle.
        temperature: of the annealed mean; 1 is the distribution's own mean.
    """
    height, width = pictures.shape[-2:]

    def draw(picture: int, row: int, column: int, temperature: float) -> Picture:
        networks = mean_model, rebalanced_model
        return _at_pixel(*networks, pictures[[picture]], row, column, temperature)

    return explore(
        draw,
        {
            "picture": _whole("picture", len(pictures), picture),
            "row": _whole("row", height, height // 2 if row is None else row),
            "column": _whole("column", width, width // 2 if column is None else column),
            "temperature": _temperature(temperature),
        },
    )


def _at_pixel(
    mean_model: nn.Module,
    rebalanced_model: nn.Module,
    x: Tensor,
    row: int,
    column: int,
    temperature: float,
) -> Picture:
    """The figure of one pixel of one picture (1, 3, H, W)."""
    # Here: the other widgets do without it while a lab withholds it.
    from ..selfsup.colour_bins import ColourBins
    from ..selfsup.colouring import colour, to_grey

    bins, grey = ColourBins(), to_grey(x)
    with evaluating(rebalanced_model), torch.no_grad():
        shares = rebalanced_model(grey)[0, :, row, column].softmax(dim=0)
    versions = {
        "grey": grey.expand_as(x),
        "mean colour": colour(mean_model, grey),
        "rebalanced": colour(rebalanced_model, grey, bins, temperature),
        "the truth": x,
    }
    shown = {name: version[0] for name, version in versions.items()}
    words = {name: colour_word(version[:, row, column]) for name, version in shown.items()}
    title = (
        f"Row {row}, column {column}: the mean is {words['mean colour']}, the choice "
        f"{words['rebalanced']}, the truth {words['the truth']}"
    )
    return plots.colour_choices(shown, row, column, shares, bins, title=title)


def _whole(text: str, count: int, start: int) -> Any:
    import ipywidgets

    return ipywidgets.IntSlider(
        value=start, min=0, max=count - 1, continuous_update=False, **labelled(text)
    )


def _temperature(start: float) -> Any:
    import ipywidgets

    return ipywidgets.FloatSlider(
        value=start, min=0.05, max=1, step=0.01, continuous_update=False, **labelled("temperature")
    )
