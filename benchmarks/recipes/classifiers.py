"""The course's encoder with a linear head, trained on the world in five ways."""

from __future__ import annotations

from functools import cache

import torch

from course_utils import data
from course_utils.data import Dataset
from course_utils.data.world import CLASSES
from course_utils.models import Classifier, Encoder
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

EPOCHS, BATCH_SIZE, LR = 10, 128, 3e-3
PICTURES = "8,000 training pictures of 48 x 48"
OPTIMISER = f"AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}"


@cache
def world(background_cue: float = 0.0) -> Dataset:
    return data.load("world", n_unlabelled=0, background_cue=background_cue)


def new(seed: int) -> Classifier:
    torch.manual_seed(seed)
    return Classifier(Encoder(), len(CLASSES))


def standard(seed: int, *, lr: float = LR) -> Trained:
    """No augmentation."""
    model = new(seed)
    pictures = world()
    history = fit(
        model,
        pictures.train,
        pictures.validation,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=lr,
        seed=seed,
    )
    return Trained(model, history)


RECIPES = (
    Recipe(
        name="world_classifier",
        purpose="It was trained as usual, so it is accurate and brittle: that is what it is for.",
        classes=CLASSES,
        data=f'`load("world")`: {PICTURES}, no cues, plain backgrounds',
        training=f"{OPTIMISER}, {EPOCHS} epochs, no augmentation",
        results="benchmarks/results/lecture1.md",
        train=standard,
    ),
)
