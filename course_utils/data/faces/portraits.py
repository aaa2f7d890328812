"""Who is in each picture and how the picture was taken: the numbers that `render` turns into pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from ..errors import DatasetError
from ..options import count_option
from ..world import draws

MOST = 10**6  # persons, and shots of each
POSE = ("yaw", "pitch", "tilt", "x", "y", "scale", "exposure", "contrast")
SCALE = 0.86  # of an aligned face: half-sides of the picture in one unit of the head


@dataclass(frozen=True)
class Portraits:
    """A batch of portraits: every tensor has one row a picture and lives on the CPU.

    Args:
        person: (N,) int64 key; hair, skin and features are a hash of it.
        shot: (N,) int64 key; background, clothes, gaze and grain are a hash of it.
        label: (N,) int64, which person of those sampled.
        yaw, pitch: (N,) radians, turned to the picture's right, and upwards.
        tilt: (N,) radians, clockwise as seen.
        centre: (N, 2) place of the head, x right, y down, the picture is [-1, 1] x [-1, 1].
        scale: (N,) half-sides of the picture in one unit of the head.
        light: (N,) radians, the direction it comes from: 0 is the right, pi / 2 is above.
        exposure, contrast: (N,) of the camera.
        smile: (N,) from -1 (sad) to 1.
        open: (N,) from 0 (mouth shut) to 1.
        glasses: (N,) bool, whether the person wears ordinary glasses.
    """

    person: Tensor
    shot: Tensor
    label: Tensor
    yaw: Tensor
    pitch: Tensor
    tilt: Tensor
    centre: Tensor
    scale: Tensor
    light: Tensor
    exposure: Tensor
    contrast: Tensor
    smile: Tensor
    open: Tensor
    glasses: Tensor

    def __len__(self) -> int:
        return len(self.person)

    def __getitem__(self, index) -> Portraits:
        """The portraits at a slice, an index tensor or a boolean mask."""
        return Portraits(*(getattr(self, f.name)[index] for f in fields(self)))

    def with_(self, **changes) -> Portraits:
        """The same portraits with some of their numbers replaced, everything else untouched.

        Args:
            **changes: field name -> new value, one for all portraits or one for each.

        Raises:
            DatasetError: (a ValueError) an unknown field, or a value that doesn't fit.
        """
        return replace(self, **{name: self._row(name, value) for name, value in changes.items()})

    def aligned(self) -> Portraits:
        """The same persons looking straight at the camera, in the middle, under its usual exposure."""
        return self.with_(
            yaw=0.0, pitch=0.0, tilt=0.0, centre=0.0, scale=SCALE, exposure=1.0, contrast=1.0
        )

    @property
    def pose(self) -> Tensor:
        """(N, 8) float32, in the order of POSE: all that `wear` needs to know of a shot."""
        parts = (self.yaw, self.pitch, self.tilt, *self.centre.unbind(1), self.scale)
        return torch.stack([*parts, self.exposure, self.contrast], 1)

    def _row(self, name: str, value) -> Tensor:
        known = [f.name for f in fields(self)]
        if name not in known:
            raise DatasetError(f"a portrait has no {name!r}; it has {', '.join(known)}")
        old = getattr(self, name)
        try:
            return torch.as_tensor(value, dtype=old.dtype).cpu().expand_as(old).clone()
        except RuntimeError:
            raise DatasetError(
                f"{name} = {value!r} doesn't fit {len(self)} portraits: "
                f"give one value for all, or a tensor {tuple(old.shape)}"
            ) from None


def sample(
    persons: int, shots: int, seed: int, *, glasses: float = 0.1, first: int = 0
) -> Portraits:
    """Draws `shots` portraits of each of `persons`: all of person 0 first, then all of person 1 …

    A person depends on the seed and on its number alone, a shot on the person and on its own.

    Args:
        persons, shots: how many.
        seed: any int. Two seeds share no person.
        glasses: the share of shots in which somebody wears ordinary glasses.
        first: number of the first shot: `sample(5, 3, 0, first=10)` are the shots 10 to 12.

    Raises:
        DatasetError: (a ValueError) a number out of range.
    """
    count_option("persons", persons, MOST, least=0)
    count_option("shots", shots, MOST, least=0)
    count_option("first", first, MOST, least=0)
    if not 0 <= glasses <= 1:
        raise DatasetError(f"glasses = {glasses}: give a share from 0 (nobody) to 1 (everybody)")
    who = draws.keys(persons, seed)
    # A person's shots are hashed from the person's own key, as a person is from the seed.
    taken = [draws.keys(shots, int(key), first) for key in who]
    key = torch.cat(taken) if taken else who
    place = torch.stack([draws.between(key, f"centre {c}", -0.08, 0.08) for c in "xy"], 1)
    return Portraits(
        person=who.repeat_interleave(shots),
        shot=key,
        label=torch.arange(persons).repeat_interleave(shots),
        yaw=draws.between(key, "yaw", -0.35, 0.35),
        pitch=draws.between(key, "pitch", -0.22, 0.22),
        tilt=draws.between(key, "tilt", -0.2, 0.2),
        centre=place,
        scale=draws.between(key, "scale", 0.92 * SCALE, 1.08 * SCALE),
        light=draws.between(key, "light", 0.0, 2 * math.pi),
        exposure=draws.between(key, "exposure", 0.86, 1.12),
        contrast=draws.between(key, "contrast", 0.85, 1.0),
        smile=draws.between(key, "smile", -0.7, 1.0),
        open=(draws.between(key, "open", -0.9, 1.0)).clamp(min=0),
        glasses=draws.uniform(key, "glasses") < glasses,
    )
