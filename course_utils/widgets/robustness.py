"""Lecture 2's widgets: cues swapped, a sticker dragged, a thing turned and brought nearer, a picture spoilt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import plots
from ..plots import Picture
from .explore import Note, explore, labelled

Knob = tuple[float, float, float, float]  # least, most, step, start


def cue_swap(networks: Mapping[str, nn.Module], scene: Any, *, size: int = 48, **start: str) -> Any:
    """One thing of the world, and pickers for its shape, its colour, its background and the network asked.

    Args:
        networks: name -> model over the world's ten classes.
        scene: one scene (`sample(1, …)`); everything that isn't picked stays as it is, to the last bit.
        size: side of the pictures in pixels.
        **start: what is picked at first: `shape`, `colour`, `background`, `network`.

    Raises:
        ValueError: a `start` that is no control, or not among its choices.
    """
    from ..data.world import BACKGROUNDS, CLASSES, COLOURS, render

    fields = {"shape": ("label", CLASSES), "colour": ("colour", COLOURS)}
    fields["background"] = ("background", BACKGROUNDS)
    as_it_was = {what: names[int(getattr(scene, f))] for what, (f, names) in fields.items()}
    choices = {"network": tuple(networks)} | {what: names for what, (_, names) in fields.items()}
    for what, value in start.items():
        if value not in choices.get(what, ()):
            known = "; ".join(f"{name}: {', '.join(names)}" for name, names in choices.items())
            raise ValueError(f"there is no {what} = {value!r}; choose from {known}")

    def draw(network: str, **picked: str) -> Picture:
        changed = scene.with_(**{fields[what][0]: value for what, value in picked.items()})
        model = networks[network]
        where = next(model.parameters()).device
        both = torch.cat([render(each, size, where) for each in (scene, changed)]).float() / 255
        says = plots.confidences(model, both)
        other = [f"{what}: {name}" for what, name in picked.items() if name != as_it_was[what]]
        answer = CLASSES[int(says[1].argmax())]
        told = ", ".join(other) or "nothing changed"
        thing = CLASSES[int(scene.label)].capitalize()
        title = f"{thing}, {told}: the network {network} says {answer}"
        return plots.cues(
            both,
            says,
            ["as it was", " · ".join(other) or "nothing changed"],
            CLASSES,
            truth=[int(scene.label), int(changed.label)],
            title=title,
        )

    first = as_it_was | {"network": next(iter(networks))} | start
    return explore(
        draw, {what: _picker(what, names, first[what]) for what, names in choices.items()}
    )


def sticker(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    patch: Tensor,
    classes: Sequence[str],
    target: int,
    *,
    x: float = 0.55,
    y: float = 0.55,
    angle: float = 20,
    size: float = 31,
    shape: Tensor | None = None,
) -> Any:
    """A sticker to drag over a picture: sliders for where it is, how it is turned and how large it is.

    Args:
        images: (N, 3, H, W) in [0, 1], the pictures to choose from.
        labels: (N,) int64, their classes.
        patch: (3, s, s) in [0, 1].
        target: the class that the sticker was made for.
        x, y: where its centre is at first, in [-1, 1], x to the right, y down.
        angle: degrees, counter-clockwise.
        size: its side, in % of the picture's.
        shape: (1, s, s) mask of a sticker that isn't square.
    """

    def draw(picture: int, x: float, y: float, angle: float, size: float) -> Picture:
        from ..attacks import (
            paste_patch,  # here: the other widgets do without it while a lab withholds it
        )

        one = images[[picture]]
        pose = (one.new_tensor([math.radians(angle)]), one.new_tensor([size / 100]))
        worn = paste_patch(one, patch, *pose, one.new_tensor([[x, y]]), shape=shape)
        says, truth = plots.confidences(model, worn), int(labels[picture])
        answer = classes[int(says.argmax())]
        title = f"A {classes[truth]} with the sticker at ({x:g}, {y:g}): the network says {answer}"
        head = [f"the sticker takes {size**2 / 100:.0f} % of the picture"]
        return plots.answers(worn, says, head, classes, truth=truth, target=target, title=title)

    return explore(
        draw,
        {
            "picture": _slider("picture", (0, len(images) - 1, 1, 0)),
            "x": _slider("x (to the right)", (-1, 1, 0.05, x)),
            "y": _slider("y (down)", (-1, 1, 0.05, y)),
            "angle": _slider("angle, degrees", (-180, 180, 5, angle)),
            "size": _slider("size, % of the side", (5, 50, 1, size)),
        },
    )


def viewer(
    model: nn.Module,
    things: Mapping[str, Callable[..., Tensor]],
    knobs: Mapping[str, Knob],
    classes: Sequence[str],
    *,
    truth: int,
    target: int,
) -> Any:
    """Things seen side by side as the sliders say: turned, farther away, in another light.

    Args:
        things: name -> function of the knobs' values by name, that returns an image (1, 3, H, W) in [0, 1].
        knobs: name -> (least, most, step, start). A name's underscores are shown as spaces.
        truth, target: the class that they all show, and the one that the attacker wants.
    """

    def draw(**values: float) -> Picture:
        images = torch.cat([look(**values) for look in things.values()])
        says = plots.confidences(model, images)
        told = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in values.items())
        where = told[0].upper() + told[1:]
        best = [classes[int(index)] for index in says.argmax(dim=1)]
        title = f"{where}: called {', '.join(best)}"
        return plots.answers(
            images, says, list(things), classes, truth=truth, target=target, title=title, k=3
        )

    return explore(
        draw, {name: _slider(name.replace("_", " "), knob) for name, knob in knobs.items()}
    )


def spoil(
    networks: Mapping[str, nn.Module],
    x: Tensor,
    y: Tensor,
    classes: Sequence[str],
    *,
    name: str | None = None,
    severity: int = 3,
    seed: int = 0,
) -> Any:
    """One picture under a corruption of your choice, and what each network makes of it.

    Args:
        networks: name -> model.
        x, y: one picture (1, 3, H, W) in [0, 1] and its class (1,).
        name: of the corruption chosen at first; the first there is when not given.
        severity: 1 to 5.
        seed: of the corruption's own chance.
    """
    from ..robustness import CORRUPTIONS, corrupt

    truth = int(y)

    def draw(name: str, severity: int) -> Picture:
        chance = torch.Generator().manual_seed(seed)
        spoilt = corrupt(x, name, severity, generator=chance)
        says = torch.cat([plots.confidences(model, spoilt) for model in networks.values()])
        best = [classes[int(index)] for index in says.argmax(dim=1)]
        told = ", ".join(f"{who} says {a}" for who, a in zip(networks, best, strict=True))
        title = f"{classes[truth].capitalize()}, {name.replace('_', ' ')} of severity {severity}: {told}"
        images = spoilt.expand(len(says), -1, -1, -1)
        return plots.cues(
            images, says, list(networks), classes, truth=[truth] * len(says), title=title
        )

    names = list(CORRUPTIONS)
    return explore(
        draw,
        {
            "name": _picker("corruption", names, name or names[0]),
            "severity": _slider("severity", (1, 5, 1, severity)),
        },
    )


def _slider(text: str, knob: Knob) -> Any:
    import ipywidgets

    least, most, step, start = knob
    whole = all(float(value).is_integer() for value in knob)
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(value=start, min=least, max=most, step=step, **labelled(text))


def _picker(text: str, names: Sequence[str], start: str) -> Any:
    import ipywidgets

    return ipywidgets.Dropdown(options=list(names), value=start, **labelled(text, "260px"))


def imagenet_a(
    source: str | Path = "",
    *,
    weights: str | Path = "",
    pictures: int = 200,
    show: int = 8,
    **options: Any,
) -> Any:
    """torchvision's ResNet-50 on ImageNet-A: how many it names right, and its surest mistakes.

    Args:
        source: path of imagenet-a.tar or of the folder that it unpacks to; "download" fetches it; empty:
            nothing is tried.
        weights: path of torchvision's weights; empty: downloaded at first use.
        pictures: on how many of the 7,500.
        show: how many mistakes.
        **options: handed to the network: `device`.

    What is missing is told in a line instead of an error.
    """
    if not source:
        return Note(
            "No ImageNet-A asked for: give the path of imagenet-a.tar or of its folder, or 'download' (688 MB)."
        )
    from ..data import load
    from ..data.imagenet_a import INDICES
    from ..models import Subset, imagenet
    from ..robustness import answers

    where: dict[str, Any] = {} if source == "download" else {"source": source}
    try:
        photos = load("imagenet_a", pictures=pictures, **where)
        network = imagenet.resnet50(weights_file=weights or None, **options)
    except (OSError, ValueError, RuntimeError) as error:
        return Note(f"No ResNet-50 on ImageNet-A: {error}")
    told = answers(Subset(network, INDICES), photos.test.batches(25))
    wrong = told.mistakes[:show]
    title = (
        f"ResNet-50 names {plots.percent(told.accuracy)} of {len(told.truth)} pictures of ImageNet-A right, "
        "and is sure of these mistakes"
    )
    return plots.gallery(
        photos.test[wrong].images, told.captions(wrong, photos.classes), title=title
    )
