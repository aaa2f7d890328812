"""One training loop for the whole course: supervised, adversarial or self-supervised."""

from .history import History
from .loop import Batches, evaluate, fit
from .objectives import Objective, classification

__all__ = ["Batches", "History", "Objective", "classification", "evaluate", "fit"]
