"""The course's encoder with a linear head, trained to read road signs."""

from __future__ import annotations

from functools import cache

import torch

from course_utils import data
from course_utils.data import Dataset
from course_utils.data.signs import CLASSES
from course_utils.models import Classifier, Encoder
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

PICTURES, EPOCHS, BATCH_SIZE, LR = 4000, 7, 64, 3e-3


@cache
def signs() -> Dataset:
    return data.load("signs", n_train=PICTURES)


def reader(seed: int) -> Trained:
    """No augmentation: every picture has its own pose, light and place already."""
    torch.manual_seed(seed)
    model = Classifier(Encoder(), len(CLASSES))
    pictures = signs()
    history = fit(
        model,
        pictures.train,
        pictures.validation,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
        seed=seed,
    )
    return Trained(model, history)


RECIPES = (
    Recipe(
        name="signs_classifier",
        purpose="It reads the ten road signs of `course_utils.data.signs` in any pose and light; "
        "the turtle and the stop sign of lecture 2 are painted against it.",
        classes=CLASSES,
        data=f'`load("signs", n_train={PICTURES})`: {PICTURES:,} training pictures of 48 x 48',
        training=f"AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}, "
        f"{EPOCHS} epochs, no augmentation beyond the poses",
        results="benchmarks/results/lecture2_signs.md",
        train=reader,
    ),
)
