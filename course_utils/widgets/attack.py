"""The panda, the climb and the quiz of lecture 1."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import plots
from .._front_end import front_end
from ..models import evaluating
from ..plots import Picture
from .access import accessible
from .explore import Note, eps_slider, explore, labelled


def uphill(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The sign of the cross-entropy's gradient at x, also where the network is as good as certain.

    Args:
        x: (N, 3, H, W) in [0, 1].
        y: (N,) int64.

    Returns:
        (N, 3, H, W) of -1, 0 and 1.
    """
    x = x.detach().clone().requires_grad_()
    with evaluating(model), torch.enable_grad():
        logits = model(x)  # (N, C)
        true = logits.gather(1, y[:, None])
        others = logits.scatter(1, y[:, None], -torch.inf).logsumexp(dim=1, keepdim=True)
        # The log odds against the true class rise exactly where its cross-entropy rises. The gradient of
        # the cross-entropy itself holds 1 - p, which float32 rounds to 0 for the surest answers: then the
        # true class would drop out, and with it the attack.
        (gradient,) = torch.autograd.grad((others - true).sum(), x)
    return gradient.sign()


def panda(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    classes: Sequence[str],
    *,
    eps: float = 8,
    most: float = 32,
    step: float = 1,
) -> Any:
    """The panda figure with a slider for eps. The gradient is taken once, not at every move.

    Args:
        x: (1, 3, H, W) in [0, 1].
        y: (1,) int64, its class.
        eps, most, step: the slider's start, end and step, in units of 1/255.
    """
    direction = uphill(model, x, y)

    def draw(eps: float) -> Picture:
        return plots.panda(model, x, direction, eps / 255, classes, truth=int(y))

    return explore(draw, {"eps": eps_slider(eps, most, step)})


def climb(
    model: nn.Module, x: Tensor, y: Tensor, eps: float, *, steps: int = 20, targeted: bool = False
) -> tuple[Tensor, Tensor]:
    """PGD from the clean picture, each frame kept.

    Args:
        x: (1, 3, H, W) in [0, 1].
        y: (1,) int64: the picture's class, or the wanted one when `targeted`.
        eps: in pixel units.

    Returns:
        frames (steps + 1, 3, H, W), the clean picture first, and the confidences on them (steps + 1, C).
    """
    from ..attacks import pgd  # here: the other widgets do without it while a lab withholds it

    frames: list[Tensor] = []
    pgd(
        model,
        x,
        y,
        eps,
        steps=steps,
        step_size=eps / steps * 1.5,
        random_start=False,
        targeted=targeted,
        on_step=lambda i, x_adv, loss: frames.append(x_adv.clone()),
    )
    film = torch.cat(frames)
    return film, plots.confidences(model, film)


def ascent(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    classes: Sequence[str],
    *,
    target: str | None = None,
    eps: float = 8,
    steps: int = 20,
    show: int | None = None,
) -> Any:
    """PGD step by step: sliders for the step and for eps, and with a target a picker for it.

    Args:
        x, y: one picture (1, 3, H, W) and its class (1,).
        target: name of the class to begin with; None climbs away from y without a target.
        eps: the slider's start, in units of 1/255.
        steps: how many steps the attack takes.
        show: the step shown first; the last one when not given.

    Raises:
        ValueError: `target` is not one of `classes`.
    """
    import ipywidgets

    if target is not None and target not in classes:
        raise ValueError(f"no class is called {target!r}; there are: {', '.join(classes)}")
    truth = int(y)

    @functools.lru_cache(maxsize=64)
    def film(eps: float, goal: str | None) -> tuple[Tensor, Tensor]:
        wanted = y if goal is None else y.new_tensor([list(classes).index(goal)])
        return climb(model, x, wanted, eps / 255, steps=steps, targeted=goal is not None)

    def draw(step: int, eps: float, goal: str | None = None) -> Picture:
        frames, says = film(eps, goal)
        aim = None if goal is None else list(classes).index(goal)
        return plots.ascent(frames, says, step, eps / 255, classes, truth=truth, target=aim)

    first = steps if show is None else show
    controls = {
        "step": ipywidgets.IntSlider(value=first, min=0, max=steps, **labelled("step")),
        "eps": eps_slider(eps, most=16, step=1),
    }
    if target is not None:
        others = [name for index, name in enumerate(classes) if index != truth]
        controls["goal"] = ipywidgets.Dropdown(
            options=others, value=target, **labelled("target", "220px")
        )
    return explore(draw, controls)


def which_is_which(images: Tensor, natural: Sequence[bool], says: Sequence[str]) -> Any:
    """The natural-or-synthetic quiz: an answer for each picture, then a button that shows how many were right.

    Args: as for `plots.which_is_which`. Without a front end the unanswered quiz is shown.
    """
    import ipywidgets

    choices = {"?": None, "natural": True, "synthetic": False}
    letters = [chr(ord("A") + index) for index in range(len(images))]
    controls: dict[str, Any] = {
        letter: ipywidgets.Dropdown(options=list(choices), **labelled(letter, "24%"))
        for letter in letters
    }
    controls["reveal"] = ipywidgets.ToggleButton(value=False, description="Show the answers")

    def draw(reveal: bool, **guesses: str) -> Picture:
        told = [choices[guesses[letter]] for letter in letters]
        return plots.which_is_which(images, natural, says, guesses=told, reveal=reveal)

    return explore(draw, controls)


def real_panda(
    picture: str | Path = "",
    *,
    weights: str | Path = "",
    eps: float = 2,
    most: float = 8,
    **options: Any,
) -> Any:
    """The panda figure on a real network and a photograph of yours.

    Args:
        picture: path of any picture; without it, an upload button where there is a front end.
        weights: path of a safetensors file with the weights of torchvision's squeezenet1_0; without it,
            torchvision's GoogLeNet with its published weights, downloaded on first use.
        eps, most: the slider's start and end, in units of 1/255.
        **options: handed to the network: `device`, or `mean` and `std` where the weights want others.

    What is missing (the network's weights, the picture) is told in a line instead of an error.
    """
    from ..models import imagenet

    try:
        if weights:
            model = imagenet.squeezenet1_0(weights_file=weights, **options)
        else:
            model = imagenet.googlenet(**options)
    except (OSError, ValueError, RuntimeError) as error:
        return Note(f"No network for the real panda: {error}")
    if not picture:
        return _upload(model, eps, most)
    return _real(model, picture, eps, most)


def _real(model: Any, picture: Any, eps: float, most: float) -> Any:
    try:
        x = model.preprocess(picture)  # (1, 3, H, W)
    except (OSError, ValueError) as error:
        return Note(f"That picture can't be read: {error}")
    with torch.no_grad():
        y = model(x).argmax(dim=1)
    return panda(model, x, y, model.classes, eps=eps, most=most, step=0.5)


def _upload(model: Any, eps: float, most: float) -> Any:
    if not front_end():
        return Note("No picture given: write its path into real_panda('my_picture.jpg').")
    import io

    import ipywidgets
    from PIL import Image

    button = ipywidgets.FileUpload(
        accept="image/*", multiple=False, description="Choose a picture", layout={"width": "220px"}
    )
    box = accessible(button)

    def opened(change: Any) -> None:
        files = change["new"]
        if not files:
            return
        # ipywidgets 7 gives a dict by file name, 8 a tuple of files.
        file = next(iter(files.values())) if isinstance(files, dict) else files[0]
        try:
            photo = Image.open(io.BytesIO(bytes(file["content"]))).convert("RGB")
            shown = _real(model, photo, eps, most)
        except OSError as error:
            shown = Note(f"That picture can't be read: {error}")
        made = shown.widget() if isinstance(shown, Note) else shown
        box.children = (button, made, box.children[-1])

    button.observe(opened, names="value")
    return box
