"""Lecture 5's widgets: find the pairs, turn up the augmentations, the temperature, and walk over the map."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .. import plots
from ..plots import Picture
from ..plots.embedding import METHODS, agreement_title
from .explore import explore, labelled


def find_the_pairs(first: Tensor, second: Tensor, partner: Sequence[int]) -> Any:
    """The quiz of views: a number for each letter, then a button that counts.

    Args: as for `plots.find_the_pairs`. Without a front end the unanswered quiz is shown.
    """
    import ipywidgets

    letters = [chr(ord("A") + place) for place in range(len(first))]
    choices = ["?", *(str(place + 1) for place in range(len(first)))]
    controls: dict[str, Any] = {
        letter: ipywidgets.Dropdown(options=choices, **labelled(letter, "110px"))
        for letter in letters
    }
    controls["reveal"] = ipywidgets.ToggleButton(value=False, description="Show the answers")

    def draw(reveal: bool, **guesses: str) -> Picture:
        told = [None if guesses[name] == "?" else int(guesses[name]) - 1 for name in letters]
        return plots.find_the_pairs(first, second, partner, guesses=told, reveal=reveal)

    return explore(draw, controls)


def augmentations(images: Tensor, *, shown: int = 11, **start: float) -> Any:
    """SimCLR's augmentations with their strengths on sliders, and views of one picture drawn with them.

    Args:
        images: (N, 3, H, W) in [0, 1], the pictures to choose from.
        shown: views drawn.
        **start: where sliders begin, by name: `crop` (the smallest share of the area, in %), `flip` (0 or 1),
            `colour`, `grey`, `distort`, `rotate`, `cutout`, `noise`, `draw`; the others begin at 0 (crop: 100 %).

    Raises:
        ValueError: a `start` that is no slider.
    """
    knobs = {
        "crop": ("smallest crop, % of the area", (5, 100, 5, 100)),
        "flip": ("flip", (0, 1, 1, 0)),
        "colour": ("colour jitter", (0.0, 1.2, 0.1, 0.0)),
        "grey": ("how often grey", (0.0, 1.0, 0.1, 0.0)),
        "distort": ("distort", (0.0, 0.15, 0.01, 0.0)),
        "rotate": ("rotate, up to degrees", (0, 180, 5, 0)),
        "cutout": ("cutout, pixels", (0, images.shape[-1] * 2 // 3, 2, 0)),
        "noise": ("noise", (0.0, 0.3, 0.02, 0.0)),
        "picture": ("picture", (0, len(images) - 1, 1, 0)),
        "draw": ("draw again", (0, 20, 1, 0)),
    }
    if odd := [name for name in start if name not in knobs]:
        raise ValueError(f"there is no slider {odd[0]!r}; there are: {', '.join(knobs)}")

    def draw(picture: int, draw: int, **strength: float) -> Picture:
        drawn = views_of(images[picture], shown, draw, strength)
        on = [name for name, value in strength.items() if value != (100 if name == "crop" else 0)]
        title = f"{shown} views drawn with: {', '.join(on)}" if on else "Nothing is changed yet"
        return plots.views(images[picture], drawn, title=title)

    return explore(
        draw,
        {
            name: _slider(text, (*knob[:3], start.get(name, knob[3])))
            for name, (text, knob) in knobs.items()
        },
    )


def views_of(image: Tensor, n: int, seed: int, strength: Mapping[str, float]) -> Tensor:
    """n views (n, 3, H, W) of one image (3, H, W), by the strengths that `augmentations` has sliders for."""
    # Here: the other widgets do without it while a lab withholds it.
    from ..selfsup.augmentations import Augmentation

    augment = Augmentation(
        crop=None if strength["crop"] == 100 else (strength["crop"] / 100, 1.0),
        flip=bool(strength["flip"]),
        colour=strength["colour"],
        grey=strength["grey"],
        distort=strength["distort"],
        rotate=strength["rotate"],
        cutout=int(strength["cutout"]),
        noise=strength["noise"],
    )
    chance = torch.Generator().manual_seed(seed)
    return augment(image.expand(n, -1, -1, -1), chance)


def temperature(views: Tensor, similarity: Tensor, *, start: float = 0.5) -> Any:
    """One row of the similarity matrix, with sliders for the temperature and for whose row it is.

    Args:
        views: (2N, 3, H, W) in [0, 1]: N first views, then the N second ones.
        similarity: (2N, 2N) cosines.
        start: the temperature shown first, from 0.01 to 10.
    """
    import ipywidgets

    slider = ipywidgets.FloatLogSlider(
        value=start, min=-2, max=1, step=0.05, readout_format=".2f", **labelled("temperature")
    )

    def draw(temperature: float, view: int) -> Picture:
        return plots.temperature(views, similarity, temperature, view)

    return explore(
        draw, {"temperature": slider, "view": _slider("view", (0, len(views) - 1, 1, 0))}
    )


def picture_map(
    images: Tensor,
    labels: Tensor,
    features: Mapping[str, Tensor],
    classes: Sequence[str],
    **start: str,
) -> Any:
    """The map of pictures, with pickers for the representation, the method and a class that stands out.

    Args:
        images: (N, 3, H, W) in [0, 1]; labels: (N,) int64.
        features: name of the representation -> (N, D).
        **start: what is picked first: `encoder`, `method`, `thing`.

    Raises:
        ValueError: a `start` that is no picker, or not among its choices.
    """
    import ipywidgets

    choices = {
        "encoder": list(features),
        "method": list(METHODS),
        "thing": ["all", *classes],
    }
    for what, value in start.items():
        if value not in choices.get(what, []):
            known = "; ".join(f"{name}: {', '.join(names)}" for name, names in choices.items())
            raise ValueError(f"there is no {what} = {value!r}; choose from {known}")

    @functools.cache
    def laid_out(name: str, method: str) -> Tensor:
        return plots.flat(features[name], method)

    def draw(encoder: str, method: str, thing: str) -> Picture:
        chosen = None if thing == "all" else labels == list(classes).index(thing)
        share = plots.neighbour_agreement(features[encoder], labels)
        title = agreement_title(f"{encoder}, {method}", share, len(images))
        if thing != "all":
            title += f". In front: {thing}"
        return plots.picture_map(images, laid_out(encoder, method), chosen=chosen, title=title)

    pickers = {
        name: ipywidgets.Dropdown(
            options=options, value=start.get(name, options[0]), **labelled(name, "260px")
        )
        for name, options in choices.items()
    }
    return explore(draw, pickers)


def _slider(text: str, knob: tuple[float, float, float, float]) -> Any:
    import ipywidgets

    least, most, step, start = knob
    whole = all(float(value).is_integer() for value in (least, most, step, start))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(value=start, min=least, max=most, step=step, **labelled(text))
