"""What a model looks at: one cue of a scene changed, everything else the same to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from ..data.world import BACKGROUNDS, CLASSES, COLOURS, PLAINS, Scenes, render
from ..device import halve_on_oom
from ..models.modes import evaluating

Cue = Literal["shape", "colour", "background"]

CUES: tuple[Cue, ...] = ("shape", "colour", "background")

_AT_ONCE = 250


def with_changed(scenes: Scenes, cue: Cue, generator: torch.Generator | None = None) -> Scenes:
    """The same scenes with another shape (and so another label), colour or background, never the same.

    A plain background becomes another plain one, and a scene another scene.

    Args:
        scenes: of the world.
        cue: "shape", "colour" or "background".
        generator: which other one it is, each equally likely.

    Raises:
        ValueError: no such cue.
    """
    if cue not in CUES:
        raise ValueError(f"there is no cue {cue!r}; choose one of {', '.join(CUES)}")
    if cue == "shape":
        return scenes.with_(label=_another(scenes.label, len(CLASSES), generator))
    if cue == "colour":
        return scenes.with_(colour=_another(scenes.colour, len(COLOURS), generator))
    return scenes.with_(background=_another_background(scenes.background, generator))


def cue_reliance(
    model: nn.Module,
    scenes: Scenes,
    changed: Mapping[str, Scenes] | Sequence[Cue] = CUES,
    *,
    size: int = 48,
    generator: torch.Generator | None = None,
) -> dict[str, float]:
    """How often the model's answer changes when only one thing in the scene has changed.

    Args:
        model: images in [0, 1] -> logits (N, C).
        scenes: N scenes of the world.
        changed: cues, to be changed at random by `with_changed`; or name -> the same scenes changed
            as you like, N each (`{"light": scenes.with_(light=0.0)}`).
        size: side of the pictures in pixels.
        generator: of the random changes.

    Returns:
        cue or name -> fraction of the scenes whose answer changed. For the shape 1 is as it should
        be, since the label has changed with it; for the others 0.

    Raises:
        ValueError: no scenes, an unknown cue, or changed scenes of another number.
    """
    if not len(scenes):
        raise ValueError("no scenes: how often something happens needs at least one")
    if isinstance(changed, str):
        raise ValueError(f"changed={changed!r} must be a list of cues: [{changed!r}]")
    if not isinstance(changed, Mapping):
        changed = {cue: with_changed(scenes, cue, generator) for cue in changed}
    for name, others in changed.items():
        if len(others) != len(scenes):
            raise ValueError(
                f"{name}: {len(others)} changed scenes for {len(scenes)}; give one each"
            )
    with evaluating(model), torch.no_grad():
        before = _answers(model, scenes, size)
        return {
            name: float((_answers(model, others, size) != before).float().mean())
            for name, others in changed.items()
        }


def _answers(model: nn.Module, scenes: Scenes, size: int) -> Tensor:
    """(N,) the class that the model names in each scene."""
    parameter = next(model.parameters(), None)
    where = None if parameter is None else parameter.device
    pixels = render(scenes, size, where)  # (N, 3, H, W) uint8
    answers: list[Tensor] = []
    for chunk in pixels.split(_AT_ONCE):
        answers += halve_on_oom(lambda x: model(x.float() / 255).argmax(dim=1), (chunk,))
    return torch.cat(answers)


def _another(index: Tensor, choices: int, generator: torch.Generator | None) -> Tensor:
    """Uniformly one of 0 to choices - 1, but never the one it was."""
    home = torch.device("cpu") if generator is None else generator.device
    further = 1 + torch.randint(choices - 1, index.shape, generator=generator, device=home)
    return (index + further.to(index.device)) % choices


def _another_background(index: Tensor, generator: torch.Generator | None) -> Tensor:
    plain = len(PLAINS)
    tone = _another(index, plain, generator)
    scene = plain + _another(index - plain, len(BACKGROUNDS) - plain, generator)
    return torch.where(index < plain, tone, scene)
