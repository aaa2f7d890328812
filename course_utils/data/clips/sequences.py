"""Frames put together to clips, as a network that learns from time sees them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..dataset import Split
from ..errors import DatasetError


class Clips:
    """The clips of a split whose pictures are frames; what `training.fit` needs of its data.

    Args:
        split: of `load("clips")` or `clips(…)`, or some whole clips of one.

    Attributes:
        split: the frames, those of a clip one after another.
        frames: T, in each clip.

    Raises:
        DatasetError: (a ValueError) the split has no clips, or only parts of some.
    """

    def __init__(self, split: Split) -> None:
        time = split.attributes.get("time")
        if time is None or "thing" not in split.attributes:
            raise DatasetError(
                "this split has no clips (its pictures tell no time); give a split of "
                'load("clips") or one that data.clips.clips has drawn'
            )
        self.split, self.frames = split, int(time.max()) + 1 if len(time) else 1
        whole = torch.arange(self.frames, device=time.device).repeat(len(time) // self.frames)
        if not torch.equal(whole, time):
            raise DatasetError(
                f"these {len(time)} frames are not whole clips of {self.frames} frames in order; choose "
                "among clips, not among frames: Clips(split)[:10] are the first ten"
            )

    def __len__(self) -> int:
        return len(self.split) // self.frames

    def __getitem__(self, index: int | slice | Tensor) -> Clips:
        """The clips at a slice, an index tensor or a boolean mask; one clip for an int."""
        if isinstance(index, int):
            if not -len(self) <= index < len(self):
                raise IndexError(f"clip {index} of {len(self)}")
            index = slice(index, index + 1 or None)
        rows = torch.arange(len(self.split), device=self.split.labels.device)
        return Clips(self.split[rows.view(len(self), self.frames)[index].flatten()])

    @property
    def pixels(self) -> Tensor:
        """(N, T, 3, H, W) uint8."""
        return self.split.pixels.unflatten(0, (len(self), self.frames))

    @property
    def images(self) -> Tensor:
        """(N, T, 3, H, W) float32 in [0, 1]."""
        return self.pixels.float().div_(255)

    @property
    def thing(self) -> Tensor:
        """(N, T, H, W) bool: the pixels of what moves."""
        return self.split.attributes["thing"].unflatten(0, (len(self), self.frames))

    @property
    def labels(self) -> Tensor:
        """(N,) int64, the class of the thing in front."""
        return self.split.labels[:: self.frames]

    def batches(
        self, batch_size: int, *, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yields (clips, labels): (B, T, 3, H, W) float32 in [0, 1] and (B,) int64; the last may be short."""
        order = (
            torch.randperm(len(self), generator=generator) if shuffle else torch.arange(len(self))
        )
        pixels, labels = self.pixels, self.labels
        for chunk in order.to(labels.device).split(batch_size):
            yield pixels[chunk].float().div_(255), labels[chunk]

    def to(self, device: torch.device | str) -> Clips:
        return Clips(self.split.to(device))
