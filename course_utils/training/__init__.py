"""One training loop for the whole course: supervised, adversarial or self-supervised."""

import importlib

from .history import History
from .loop import Batches, evaluate, fit
from .objectives import Objective, classification

__all__ = ["Batches", "History", "Objective", "classification", "evaluate", "fit"]


def __getattr__(name: str):
    # The module `adversarial` needs course_utils.attacks, which a lab may withhold: only when asked for.
    if name == "adversarial":
        return importlib.import_module(f"{__name__}.adversarial")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
