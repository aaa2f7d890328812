"""What is in each picture, before it is drawn: the numbers that `render` turns into pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral

import torch
from torch import Tensor

from ..errors import DatasetError
from . import draws
from .backgrounds import BACKGROUNDS, PLAINS, SCENES
from .objects import PAINTERS
from .palettes import COLOURS

CLASSES: tuple[str, ...] = tuple(PAINTERS)
FORMS = 8  # numbers in which one thing of a class differs from another


@dataclass(frozen=True)
class Scenes:
    """A batch of scenes: every tensor has one row a picture and lives on the CPU.

    Args:
        key: (N,) int64; whatever is not named below (noise, shades, grain) is a hash of it.
        label: (N,) int64, index into CLASSES. The shape always tells the truth.
        colour: (N,) int64, index into COLOURS.
        background: (N,) int64, index into BACKGROUNDS.
        centre: (N, 2) place of the thing, x right, y down, the picture is [-1, 1] x [-1, 1].
        size: (N,) its longer side as a fraction of the picture's.
        tilt: (N,) radians, clockwise as seen.
        mirror: (N,) bool.
        stretch: (N,) its width over its height, times what its class has; the longer side stays.
        light: (N,) radians, the direction it comes from: 0 is the right, pi / 2 is above.
        form: (N, 8) in [0, 1), in which one house differs from another.
        hidden: (N,) bool, whether something stands in front of a part of it.
        distractor: (N,) bool, whether a small toy lies beside it.
    """

    key: Tensor
    label: Tensor
    colour: Tensor
    background: Tensor
    centre: Tensor
    size: Tensor
    tilt: Tensor
    mirror: Tensor
    stretch: Tensor
    light: Tensor
    form: Tensor
    hidden: Tensor
    distractor: Tensor

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, index) -> Scenes:
        """The scenes at a slice, an index tensor or a boolean mask; one scene for an int."""
        if isinstance(index, int):
            if not -len(self) <= index < len(self):
                raise IndexError(f"scene {index} of {len(self)}")
            index = slice(index, index + 1 or None)
        return Scenes(*(getattr(self, f.name)[index] for f in fields(self)))

    def with_(self, **changes) -> Scenes:
        """The same scenes with some of their numbers replaced, everything else untouched.

        Args:
            **changes: field name -> new value, one for all scenes or one for each. `label`,
                `colour` and `background` also take names ("cat", "red", "meadow").

        Raises:
            DatasetError: (a ValueError) an unknown field, name or index.
        """
        return replace(self, **{name: self._row(name, value) for name, value in changes.items()})

    def _row(self, name: str, value) -> Tensor:
        known = [f.name for f in fields(self)]
        if name not in known:
            raise DatasetError(f"a scene has no {name!r}; it has {', '.join(known)}")
        old = getattr(self, name)
        if name in _NAMES:
            value = index_of(name, value)
        new = torch.as_tensor(value, dtype=old.dtype).cpu()
        if name in ("size", "stretch") and not (new > 0).all():
            raise DatasetError(f"{name} = {value!r}: give a number above 0")
        try:
            return new.expand_as(old).clone()
        except RuntimeError:
            raise DatasetError(
                f"{name} has shape {tuple(new.shape)}, but {len(self)} scenes need {tuple(old.shape)} or one value for all"
            ) from None


_NAMES: dict[str, tuple[str, ...]] = {
    "label": CLASSES, "colour": COLOURS, "background": BACKGROUNDS,
}  # fmt: skip


def index_of(field: str, value) -> Tensor:
    """The index or indices (int64) that a name, an index or several of them mean.

    Raises:
        DatasetError: (a ValueError) there is no such name or index.
    """
    names = _NAMES[field]
    if isinstance(value, str):
        value = [value] if value in names else _unknown(field, value)
        return torch.tensor(names.index(value[0]))
    if isinstance(value, Sequence):
        return torch.tensor([int(index_of(field, v)) for v in value])
    index = torch.as_tensor(value).long().cpu()
    if index.numel() and not 0 <= int(index.min()) <= int(index.max()) < len(names):
        _unknown(field, int(index.max() if index.max() >= len(names) else index.min()))
    return index


def _unknown(field: str, value) -> list:
    names = ", ".join(f"{i} {name}" for i, name in enumerate(_NAMES[field]))
    raise DatasetError(f"there is no {field} {value!r}; choose one of {names}")


def sample(
    n: int,
    seed: int,
    *,
    colour_cue: float = 0.0,
    background_cue: float = 0.0,
    background: str | Sequence[str] = "plain",
    labels=None,
    reverse: bool = False,
    first: int = 0,
) -> Scenes:
    """Draws n scenes; scene i depends on the seed and on i alone, not on n.

    Args:
        n: how many, at least 0.
        seed: any int. Two seeds share no scene.
        colour_cue, background_cue: rho in [0, 1]. With probability rho the colour
            (background) is the class's own, otherwise uniform among all ten: at 0 it says
            nothing about the class, at 1 it says all. The same seed at another rho gives the
            same things in the same places.
        background: "plain", "scene", the name of one background, or several names (whose
            order then says which is which class's own, cyclically).
        labels: (n,) classes, as indices or names, or one for all; None draws them uniformly.
        reverse: the cue, where it shows, is another class's own instead of one's own.
        first: index of the first scene: `sample(5, s, first=10)` are the scenes 10 to 14.

    Raises:
        DatasetError: (a ValueError) n or a cue out of range, an unknown class or background.
    """
    for name, whole in (("n", n), ("seed", seed), ("first", first)):
        if not isinstance(whole, Integral) or isinstance(whole, bool):
            raise DatasetError(f"{name} = {whole!r}: give a whole number")
    if n < 0:
        raise DatasetError(f"n = {n}: the number of pictures must be at least 0")
    for name, rho in (("colour_cue", colour_cue), ("background_cue", background_cue)):
        if not 0 <= rho <= 1:
            raise DatasetError(
                f"{name} = {rho}: a cue's strength is a probability; give a number from 0 (says nothing) to 1 (says all)"
            )
    key = draws.keys(n, seed, first)
    label = _labels(key, labels)
    if reverse:
        pointed = (label + 1 + draws.choice(key, "reverse", len(CLASSES) - 1)) % len(CLASSES)
    else:
        pointed = label
    grounds = choices(background)
    size = draws.between(key, "size", 0.60, 0.95)
    # A thing stays inside, but for a sliver now and then.
    room = (1.04 - size)[:, None]
    place = torch.stack([draws.between(key, "x", -1, 1), draws.between(key, "y", -1, 1)], 1)
    return Scenes(
        key=key,
        label=label,
        colour=_cued(key, "colour", pointed, colour_cue, torch.arange(len(COLOURS))),
        background=_cued(key, "background", pointed, background_cue, grounds),
        centre=place * room,
        size=size,
        tilt=draws.between(key, "tilt", -0.21, 0.21),
        mirror=draws.uniform(key, "mirror") < 0.5,
        stretch=draws.between(key, "stretch", -0.25, 0.25).exp(),
        # From anywhere: shadows that always fell downwards would tell which way is up.
        light=draws.between(key, "light", 0.0, 2 * math.pi),
        form=torch.stack([draws.uniform(key, f"form {k}") for k in range(FORMS)], 1),
        hidden=draws.uniform(key, "hidden") < 0.25,
        distractor=draws.uniform(key, "distractor") < 0.5,
    )


def choices(background: str | Sequence[str]) -> Tensor:
    """The indices into BACKGROUNDS that the argument `background` means: (K,) int64."""
    families = {"plain": PLAINS, "scene": SCENES}
    if isinstance(background, str):
        background = families.get(background, (background,))
    if not len(background):
        raise DatasetError("background is an empty list; name at least one")
    return index_of("background", list(background))


def _labels(key: Tensor, labels) -> Tensor:
    if labels is None:
        return draws.choice(key, "label", len(CLASSES))
    index = index_of("label", labels)
    if index.ndim and index.shape != key.shape:
        raise DatasetError(
            f"{index.numel()} labels for {len(key)} pictures; give one each, or one for all"
        )
    return index.expand(len(key)).clone()


def _cued(key: Tensor, name: str, pointed: Tensor, rho: float, choices: Tensor) -> Tensor:
    free = choices[draws.choice(key, name, len(choices))]
    shows = draws.uniform(key, f"{name} cue") < rho
    return torch.where(shows, choices[pointed % len(choices)], free)
