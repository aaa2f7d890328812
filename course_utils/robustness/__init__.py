"""How much of a model's accuracy is left when somebody tampers with the pictures."""

from .accuracy import Attack, accuracy, confident_mistakes

__all__ = ["Attack", "accuracy", "confident_mistakes"]
