"""How much of a model's accuracy is left when somebody tampers with the pictures."""

from .accuracy import Attack, accuracy, confident_mistakes
from .answers import Answers, answers

__all__ = ["Answers", "Attack", "accuracy", "answers", "confident_mistakes"]
