"""Borrowing a model without leaving a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn


@contextmanager
def evaluating(model: nn.Module | Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Eval mode inside; afterwards each submodule's own training flag is back, also after an error.

    `model.train(was_training)` would not do: someone who fine-tunes with frozen batch normalisation
    has submodules in different modes. A plain function instead of a module is let through.
    """
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    flags = [module.training for module in modules]
    try:
        if isinstance(model, nn.Module):
            model.eval()
        yield
    finally:
        for module, training in zip(modules, flags, strict=True):
            module.training = training
