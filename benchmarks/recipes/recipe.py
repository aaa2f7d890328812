"""What a recipe says, and what a training gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn

from course_utils.training import History


@dataclass(frozen=True)
class Trained:
    """A model in eval mode, how its training went, and further figures for its card (validation only)."""

    model: nn.Module
    history: History
    figures: dict[str, float] = field(default_factory=dict)  # what was measured -> fraction


@dataclass(frozen=True)
class Recipe:
    """One model of the zoo.

    Args:
        name: of its files in data/zoo.
        purpose: one or two sentences for the card: what it is for.
        classes: what its outputs mean, in order; empty for an encoder.
        data: on which pictures it was trained.
        training: optimiser, learning rate, epochs, augmentation.
        results: the file with its figures over three seeds.
        train: seed -> Trained; repeatable.
        accuracy: what the training's accuracy measures, with the task named where it is a pretext.
        returns: what the model gives back, where it isn't logits (N, C) of the classes.
        sources: files of course_utils, beyond data, encoder and training loop, that the weights depend on.
    """

    name: str
    purpose: str
    classes: tuple[str, ...]
    data: str
    training: str
    results: str
    train: Callable[[int], Trained]
    accuracy: str = "accuracy"
    returns: str = ""
    sources: tuple[str, ...] = ()
