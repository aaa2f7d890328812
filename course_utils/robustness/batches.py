"""Pictures with labels, however they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor

from ..data.dataset import Split

Batches = Iterable[tuple[Tensor, Tensor]]

_AT_ONCE = 250


def repeatable(pictures: Split | Batches) -> Callable[[], Batches]:
    """A function that gives the batches anew at each call, also where they came from a generator."""
    if isinstance(pictures, Split):
        return lambda: pictures.batches(_AT_ONCE)
    kept = list(pictures)
    return lambda: kept
