"""Rotation networks: one that learns what things look like, and one that reads the horizon."""

from __future__ import annotations

from functools import cache
from statistics import mean
from typing import Any

import torch
from torch import nn

from course_utils import data
from course_utils.data import Dataset
from course_utils.models import Classifier, Encoder
from course_utils.selfsup.augmentations import flip
from course_utils.selfsup.probes import extract_features, few_labels, linear_probe
from course_utils.selfsup.rotation import TURNS, rotation
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

EPOCHS, BATCH_SIZE, LR = 6, 64, 3e-3
PER_CLASS, DRAWS, C = 10, 5, 0.1  # of the probe on the card


@cache
def pictures(**options: Any) -> Dataset:
    return data.load("world", **options)


def probed(encoder: nn.Module, world: Dataset) -> float:
    """Accuracy on validation pictures of a linear probe with few labels, over several draws of these."""
    validation = extract_features(encoder, world.validation.batches(250))
    draws = [few_labels(world.train, PER_CLASS, seed).batches(250) for seed in range(DRAWS)]
    return mean(linear_probe(*extract_features(encoder, d), *validation, C=C) for d in draws)


def pretrain(seed: int, **options: Any) -> Trained:
    """Rotation on the unlabelled pictures of the world with these options."""
    torch.manual_seed(seed)
    model = Classifier(Encoder(), TURNS)
    world = pictures(**options)
    assert world.unlabelled is not None
    history = fit(
        model,
        world.unlabelled,
        world.validation,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
        augment=flip,
        objective=rotation,
        seed=seed,
    )
    figures = {
        f"linear probe with {PER_CLASS} labels a class, plain backgrounds, validation": probed(
            model.encoder, pictures()
        )
    }
    return Trained(model, history, figures)


def honest(seed: int) -> Trained:
    return pretrain(seed)


def cheat(seed: int) -> Trained:
    return pretrain(seed, background="scene")


TRAINING = (
    "every picture in all four rotations (Gidaris, Singh, Komodakis 2018, arXiv 1803.07728); AdamW, "
    f"one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE} pictures, {EPOCHS} epochs, "
    "half of the pictures mirrored"
)
POSITIONS = tuple(f"turned by {90 * turns} degrees" for turns in range(TURNS))

RECIPES = (
    Recipe(
        name="world_rotation",
        purpose="It tells how far a picture was turned, counter-clockwise, and learnt that without a "
        "label. Its encoder is what it was trained for.",
        classes=POSITIONS,
        data='`load("world").unlabelled`: 8,000 pictures of 48 x 48, plain backgrounds',
        training=TRAINING,
        results="benchmarks/results/selfsup_labels.md",
        train=honest,
        accuracy="accuracy of the pretext task",
        sources=("selfsup/rotation.py", "selfsup/augmentations.py"),
    ),
    Recipe(
        name="world_rotation_cheat",
        purpose="As `world_rotation`, but in scenes that have a horizon: it reads the horizon and has "
        "learnt little about the things. A warning that pretext accuracy is not feature quality.",
        classes=POSITIONS,
        data='`load("world", background="scene").unlabelled`: 8,000 pictures of 48 x 48',
        training=TRAINING,
        results="benchmarks/results/lecture3_horizon.md",
        train=cheat,
        accuracy="accuracy of the pretext task",
        sources=("selfsup/rotation.py", "selfsup/augmentations.py"),
    ),
)
