"""Where a sign hangs and how it is lit: the numbers that `view` turns into a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral

import torch
from torch import Tensor

from ..errors import DatasetError
from ..world import draws

BACKGROUNDS: tuple[str, ...] = (
    "street", "meadow", "forest", "desert", "sea", "rain", "clouds", "night",
)  # fmt: skip

Range = float | tuple[float, float]


@dataclass(frozen=True)
class Poses:
    """A batch of ways to see a plate: every tensor has one row a picture and lives on the CPU.

    Args:
        key: (N,) int64; whatever is not named below (the place behind, the camera's grain) is a hash of it.
        yaw: (N,) radians about the upright axis; positive: the plate's right edge is farther away.
        pitch: (N,) radians about the level axis; positive: its upper edge is farther away.
        roll: (N,) radians, clockwise as seen.
        distance: (N,) in units of the one at which the plate, seen frontally, fills the picture:
            it looks 1 / distance of the picture's side wide.
        shift: (N, 2) where its centre is seen, x right, y down, the picture is [-1, 1] x [-1, 1].
        exposure: (N,) 1 is a bright day, 0.4 dusk.
        light: (N,) radians, the direction it comes from: 0 is the right, pi / 2 is above.
        warmth: (N,) from -1, a blue hour, to 1, an evening sun; 0 is white light.
        background: (N,) int64, index into BACKGROUNDS.
    """

    key: Tensor
    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    distance: Tensor
    shift: Tensor
    exposure: Tensor
    light: Tensor
    warmth: Tensor
    background: Tensor

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, index) -> Poses:
        """The poses at a slice, an index tensor or a boolean mask; one pose for an int."""
        if isinstance(index, int):
            if not -len(self) <= index < len(self):
                raise IndexError(f"pose {index} of {len(self)}")
            index = slice(index, index + 1 or None)
        return Poses(*(getattr(self, f.name)[index] for f in fields(self)))

    def with_(self, **changes) -> Poses:
        """The same poses with some of their numbers replaced, everything else untouched.

        Args:
            **changes: field name -> new value, one for all poses or one for each; `background`
                also takes a name.

        Raises:
            DatasetError: (a ValueError) an unknown field or name, or a value of another shape.
        """
        return replace(self, **{name: self._row(name, value) for name, value in changes.items()})

    def _row(self, name: str, value) -> Tensor:
        known = [f.name for f in fields(self)]
        if name not in known:
            raise DatasetError(f"a pose has no {name!r}; it has {', '.join(known)}")
        old = getattr(self, name)
        if name == "background" and isinstance(value, str):
            value = _places(value)
        new = torch.as_tensor(value, dtype=old.dtype).cpu()
        try:
            new = new.expand_as(old).clone()
        except RuntimeError:
            raise DatasetError(
                f"{name} has shape {tuple(new.shape)}, but {len(self)} poses need {tuple(old.shape)} or one value for all"
            ) from None
        if name in _LIMITS and new.numel():
            _check(name, float(new.min()), float(new.max()))
        return new


# What a driver meets: signs turned by up to 55 degrees, from near to twice as far.
RANGES: dict[str, tuple[float, float]] = {
    "yaw": (-0.96, 0.96),
    "pitch": (-0.44, 0.44),
    "roll": (-0.26, 0.26),
    "distance": (1.15, 2.5),
    "exposure": (0.5, 1.2),
    "light": (0.0, 2 * math.pi),
    "warmth": (-1.0, 1.0),
}
_EDGE_ON = 1.4  # a little less than a quarter turn: beyond it there is nothing to see
_LIMITS: dict[str, tuple[float, float]] = {
    "yaw": (-_EDGE_ON, _EDGE_ON),
    "pitch": (-_EDGE_ON, _EDGE_ON),
    "distance": (0.7, 100.0),
    "exposure": (0.0, 4.0),
    "warmth": (-1.0, 1.0),
}


def sample_poses(
    n: int,
    seed: int | torch.Generator,
    *,
    yaw: Range | None = None,
    pitch: Range | None = None,
    roll: Range | None = None,
    distance: Range | None = None,
    shift: tuple[float, float] | None = None,
    exposure: Range | None = None,
    light: Range | None = None,
    warmth: Range | None = None,
    background: str | Sequence[str] | None = None,
) -> Poses:
    """Draws n poses; pose i depends on the seed and on i alone, not on n.

    Args:
        n: how many, at least 0.
        seed: any int (two seeds share no pose), or a generator to take one from.
        yaw, pitch, roll, distance, exposure, light, warmth: a number for all poses, or the
            (low, high) to draw from uniformly; None is RANGES'. A quantity held fixed leaves the
            others as they are.
        shift: (x, y) for all; None: anywhere, as long as the plate, seen frontally, stays inside the picture.
        background: a name or several to choose from; None: all of BACKGROUNDS.

    Raises:
        DatasetError: (a ValueError) a number out of range or an unknown background.
    """
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 0:
        raise DatasetError(f"n = {n!r}: give a whole number of poses, at least 0")
    if isinstance(seed, torch.Generator):
        seed = int(torch.randint(2**62, (1,), generator=seed, device=seed.device))
    asked = {
        "yaw": yaw, "pitch": pitch, "roll": roll, "distance": distance,
        "exposure": exposure, "light": light, "warmth": warmth,
    }  # fmt: skip
    key = draws.keys(n, seed)
    drawn = {
        name: _draw(key, name, RANGES[name] if value is None else value)
        for name, value in asked.items()
    }
    places = _places(background)
    return Poses(
        key=key,
        shift=_shift(key, drawn["distance"], shift),
        background=places[draws.choice(key, "sign background", len(places))],
        **drawn,
    )


def frontal(n: int = 1, *, seed: int = 0, **changes) -> Poses:
    """Straight ahead, near, in plain light: n poses that differ in the place behind only.

    Args:
        **changes: as `Poses.with_`.
    """
    plain = sample_poses(
        n, seed, yaw=0.0, pitch=0.0, roll=0.0, distance=1.3, shift=(0.0, 0.0),
        exposure=1.0, light=math.pi / 2, warmth=0.0,
    )  # fmt: skip
    return plain.with_(**changes)


def _draw(key: Tensor, name: str, value: Range) -> Tensor:
    low, high = value if isinstance(value, Sequence) else (value, value)
    if not low <= high:
        raise DatasetError(f"{name} = {value!r}: give a number, or (low, high) with low first")
    _check(name, low, high)
    return draws.between(key, f"sign {name}", low, high)


def _check(name: str, low: float, high: float) -> None:
    least, most = _LIMITS.get(name, (-math.inf, math.inf))
    if not least <= low <= high <= most:
        raise DatasetError(
            f"{name} from {low:g} to {high:g} must lie between {least:g} and {most:g}"
        )


def _shift(key: Tensor, distance: Tensor, fixed: tuple[float, float] | None) -> Tensor:
    if fixed is not None:
        return torch.tensor(fixed, dtype=torch.float32).expand(len(key), 2).clone()
    room = (1 - 1 / distance).clamp(min=0)[:, None]
    place = [draws.between(key, f"sign {axis}", -1, 1) for axis in "xy"]
    return torch.stack(place, 1) * room


def _places(names: str | Sequence[str] | None) -> Tensor:
    """(K,) int64, or () for a single name."""
    if names is None:
        return torch.arange(len(BACKGROUNDS))
    chosen = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in chosen if name not in BACKGROUNDS]
    if unknown or not chosen:
        raise DatasetError(f"background = {names!r}: choose among {', '.join(BACKGROUNDS)}")
    return torch.tensor([BACKGROUNDS.index(name) for name in chosen])
