"""The one type in which every dataset of the course arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Split:
    """Pictures with labels, whole in memory on one device.

    Args:
        pixels: (N, 3, H, W) uint8. Kept as bytes: a quarter of the memory, and what a file holds.
        labels: (N,) int64; -1 where a picture has none (STL-10's unlabelled part).
        attributes: further facts about each picture, name -> (N,) tensor
            (the world tells each picture's object colour and background).
    """

    pixels: Tensor
    labels: Tensor
    attributes: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4 or self.pixels.shape[1] != 3 or self.pixels.dtype != torch.uint8:
            raise ValueError(
                f"pixels must be uint8 of shape (N, 3, H, W), got {self.pixels.dtype} {tuple(self.pixels.shape)}"
            )
        for name, values in {"labels": self.labels, **self.attributes}.items():
            if len(values) != len(self.pixels):
                raise ValueError(f"{len(self.pixels)} pictures but {len(values)} {name}")

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index) -> Split:
        """The pictures at a slice, an index tensor or a boolean mask, as a Split."""
        return Split(
            self.pixels[index],
            self.labels[index],
            {name: values[index] for name, values in self.attributes.items()},
        )

    @property
    def images(self) -> Tensor:
        """(N, 3, H, W) float32 in [0, 1]."""
        return self.pixels.float().div_(255)

    def batches(
        self, batch_size: int, *, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yields (images, labels): (B, 3, H, W) float32 in [0, 1] and (B,) int64; the last may be short."""
        order = (
            torch.randperm(len(self), generator=generator) if shuffle else torch.arange(len(self))
        )
        for chunk in order.to(self.pixels.device).split(batch_size):
            yield self.pixels[chunk].float().div_(255), self.labels[chunk]

    def to(self, device: torch.device | str) -> Split:
        moved = {name: values.to(device) for name, values in self.attributes.items()}
        return Split(self.pixels.to(device), self.labels.to(device), moved)


@dataclass(frozen=True)
class Dataset:
    """A dataset in its splits; hyper-parameters are chosen on `validation`, `test` is touched once."""

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    card: str  # Markdown: what it holds, where it comes from, its licence
    unlabelled: Split | None = None

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    @property
    def size(self) -> int:
        """Height and width of a picture, in pixels."""
        return self.train.pixels.shape[-1]

    def to(self, device: torch.device | str) -> Dataset:
        return replace(
            self,
            train=self.train.to(device),
            validation=self.validation.to(device),
            test=self.test.to(device),
            unlabelled=None if self.unlabelled is None else self.unlabelled.to(device),
        )
