"""What the notebooks of the course import.

Rooms are loaded when first used, so ``import course_utils`` costs next to nothing::

    from course_utils import attacks, data, models
"""

import importlib

__version__ = "0.1.0"

_ROOMS = (
    "attacks",
    "check",
    "data",
    "device",
    "models",
    "plots",
    "results",
    "robustness",
    "selfsup",
    "training",
    "widgets",
)

__all__ = [*_ROOMS, "__version__"]


def __getattr__(name: str):
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
