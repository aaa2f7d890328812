"""The files that come with the course: sources, cards, trained weights, measured results."""

from __future__ import annotations

from pathlib import Path

# In an installed package they lie inside it, in a checkout beside it.
_PACKAGE = Path(__file__).resolve().parent
PLACES = (_PACKAGE / "_data", _PACKAGE.parent / "data")


def path(name: str) -> Path:
    """A file or folder among them; one that is not there, where a checkout would have it."""
    return next((place / name for place in PLACES if (place / name).exists()), PLACES[-1] / name)
