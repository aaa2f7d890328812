"""The trained weights that come with the course."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from .. import _shipped
from . import saving


def folder() -> Path:
    """Where the weights and their cards lie."""
    return _shipped.path("zoo")


def names() -> list[str]:
    """The models there are."""
    return sorted(path.stem for path in folder().glob("*.safetensors"))


def load(name: str, device: str | torch.device | None = None) -> nn.Module:
    """A trained model, in eval mode on `device` (default: CPU).

    Raises:
        ValueError: there is no model of that name; the message lists those there are.
    """
    return saving.load(_find(name, ".safetensors"), device)


def card(name: str) -> str:
    """Markdown: how the model was trained, on what, how well it does."""
    return _find(name, ".md").read_text(encoding="utf-8")


def _find(name: str, ending: str) -> Path:
    if name not in names():
        raise ValueError(f"the zoo has no model {name!r}; it has: {', '.join(names()) or 'none'}")
    return folder() / f"{name}{ending}"
