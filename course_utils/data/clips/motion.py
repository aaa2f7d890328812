"""What moves in each clip and how, before it is drawn: the numbers that `drawing` turns into frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..options import count_option
from ..world import COLOURS, PLAINS, SCENES, Scenes, draws, sample

# Two clips of three play in a scene: on a plain ground nobody sees the camera move.
GROUNDS: tuple[str, ...] = PLAINS + SCENES + SCENES
# A brown or grey thing has little colour to lose.
VIVID = tuple(
    COLOURS.index(name) for name in ("green", "blue", "orange", "red", "teal", "purple", "yellow")
)
REACH = 0.25  # half sides of the picture that the camera moves from the middle at most
MOST_FRAMES = 1000


@dataclass(frozen=True)
class Motions:
    """N clips of T frames; every tensor lives on the CPU.

    Args:
        front: N * T scenes, those of a clip one after another: the thing nearest to the camera, whose
            class is the clip's label. Its place is that in the picture, wherever the camera looks.
        back: N * T scenes: the thing behind it.
        two: (N,) bool, whether there is one behind it.
        camera: (N, T, 2) where the camera looks, in half sides of the picture; x right, y down.
    """

    front: Scenes
    back: Scenes
    two: Tensor
    camera: Tensor

    @property
    def frames(self) -> int:
        return self.camera.shape[1]

    @property
    def ground(self) -> Scenes:
        """N scenes whose backgrounds the clips play before."""
        return self.front[:: self.frames]

    def __len__(self) -> int:
        return len(self.two)

    def __getitem__(self, index: slice) -> Motions:
        """Some clips one after another: a slice without a step."""
        first, last, _ = index.indices(len(self))
        rows = slice(first * self.frames, max(first, last) * self.frames)
        return Motions(self.front[rows], self.back[rows], self.two[index], self.camera[index])


def sample_motions(
    n: int,
    seed: int,
    frames: int = 8,
    *,
    things: int | None = None,
    background: str | Sequence[str] = GROUNDS,
    labels: Any = None,
) -> Motions:
    """Draws what happens in n clips; clip i depends on the seed and on i alone, not on n.

    More frames show the same movement in smaller steps.

    Args:
        n, seed, background, labels: as for `world.sample`; the labels are those of the things in front.
        frames: T.
        things: how many move, 1 or 2; None: two in two clips of three.

    Raises:
        DatasetError: (a ValueError) an argument out of range.
    """
    n = count_option("n", n, 10**7, least=0)
    frames = count_option("frames", frames, MOST_FRAMES)
    if things is not None:
        things = count_option("things", things, 2)
    both = sample(2 * n, seed, background=background)
    front, back = both[0::2], both[1::2]
    if labels is not None:
        front = front.with_(label=sample(n, seed, labels=labels).label)
    key = front.key
    two = (
        draws.uniform(key, "clip two") < 2 / 3 if things is None else torch.full((n,), things == 2)
    )
    # The second thing never has the first one's colour: then there would be nothing to mix up.
    vivid, colour = torch.tensor(VIVID), draws.choice(key, "clip colour", len(VIVID))
    other = colour + 1 + draws.choice(key, "clip other colour", len(VIVID) - 1)
    front = front.with_(colour=vivid[colour])
    back = back.with_(colour=vivid[other % len(VIVID)], light=front.light)
    # They start on opposite sides, so that each is seen in the first frame.
    start = draws.between(key, "clip start", 0, 2 * math.pi)
    opposite = start + math.pi + draws.between(key, "clip opposite", -0.5, 0.5)
    return Motions(
        _moving(front, start, two, frames),
        _moving(back, opposite, two, frames),
        two,
        _panning(key, frames),
    )


def _moving(thing: Scenes, start: Tensor, two: Tensor, frames: int) -> Scenes:
    """The things of N clips in each of their frames: N * T scenes.

    Args:
        start: (N,) radians, in which direction from the middle each one starts.
        two: (N,) bool, whether it shares the picture with another, and so is smaller.
    """
    key = thing.key
    along = _eased(key, "clip pace", frames)  # (N, T)
    radius = draws.between(key, "clip radius", 0.4, 0.54)
    turn = draws.between(key, "clip turn", 1.2, 2.4) * _sign(key, "clip turn sign")
    begin, end = _at(radius, start), _at(radius, start + turn)  # (N, 2)
    centre = begin[:, None] + (end - begin)[:, None] * along[:, :, None]  # (N, T, 2)
    spin = draws.between(key, "clip spin", -0.7, 0.7)
    growth = draws.between(key, "clip growth", -0.35, 0.35)
    size = draws.between(key, "clip size", 0.42, 0.58) * torch.where(two, 0.88, 1.0)
    middle = along - 0.5
    still = thing[torch.arange(len(thing)).repeat_interleave(frames)]
    return still.with_(
        centre=centre.flatten(0, 1),
        tilt=(thing.tilt[:, None] + spin[:, None] * middle).flatten(),
        size=(size[:, None] * (growth[:, None] * middle).exp()).flatten(),
    )


def _panning(key: Tensor, frames: int) -> Tensor:
    """Where the camera looks: (N, T, 2), on a straight line through the middle."""
    way = _at(
        draws.between(key, "clip pan", 0.2, 2 * REACH),
        draws.between(key, "clip pan to", 0, 2 * math.pi),
    )
    return way[:, None] * (_eased(key, "clip pan pace", frames) - 0.5)[:, :, None]


def _eased(key: Tensor, name: str, frames: int) -> Tensor:
    """How much of its way something has gone, from 0 to 1 with a slower start or end: (N, T)."""
    t = torch.linspace(0, 1, frames)
    return t + draws.between(key, name, -0.35, 0.35)[:, None] * t * (1 - t)


def _at(radius: Tensor, angle: Tensor) -> Tensor:
    """(N, 2) from polar coordinates."""
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1)


def _sign(key: Tensor, name: str) -> Tensor:
    return 1 - 2 * draws.choice(key, name, 2)
