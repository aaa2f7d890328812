"""The course's encoder pretrained by SimCLR on pictures without labels, whole and with a step left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import torch

from course_utils import data
from course_utils.data import Dataset
from course_utils.models import Encoder
from course_utils.models.pretext import ProjectionHead, SimCLRNet
from course_utils.selfsup.augmentations import Augmentation
from course_utils.selfsup.simclr import simclr
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

EPOCHS, ABLATION_EPOCHS, BATCH_SIZE, LR = 30, 10, 256, 3e-3
TEMPERATURE = 0.2
HIDDEN, OUT = 128, 64
# Views of 32 pixels cost less than half of views of 48, and their features are as good.
AUGMENTATION = Augmentation(size=32)


@cache
def world() -> Dataset:
    return data.load("world")


def pretrain(
    seed: int, augmentation: Augmentation = AUGMENTATION, *, epochs: int = EPOCHS
) -> Trained:
    torch.manual_seed(seed)
    encoder = Encoder()
    model = SimCLRNet(encoder, ProjectionHead(encoder.feature_dim, HIDDEN, OUT))
    unlabelled = world().unlabelled
    assert unlabelled is not None
    history = fit(
        model,
        unlabelled,
        world().validation,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=LR,
        objective=simclr(augmentation, TEMPERATURE),
        seed=seed,
    )
    return Trained(model, history)


WORLD = Recipe(
    name="world_simclr",
    purpose="Pretrained by SimCLR: two views of a picture, cropped and recoloured, shall look alike to it. "
    "Its encoder is what lecture 5 looks at; its head is kept to show why it is thrown away.",
    classes=(),
    data='`load("world").unlabelled`: 8,000 pictures of 48 x 48, no labels, no cues, plain backgrounds',
    training=f"NT-Xent at temperature {TEMPERATURE:g} on views of {AUGMENTATION.size} x {AUGMENTATION.size} "
    "(crop of 20 to 100 % of the area, mirror, colour jitter, grey now and then); AdamW, one-cycle "
    f"learning rate up to {LR:g}, batches of {BATCH_SIZE}, {EPOCHS} epochs",
    results="benchmarks/results/selfsup_labels.md",
    train=pretrain,
    accuracy=f"accuracy of the pretext task (the other view found among {2 * BATCH_SIZE - 1})",
    returns=f"projections (N, {OUT})",
    sources=("selfsup/simclr.py", "selfsup/augmentations.py", "models/pretext.py"),
)


def ablated(*left_out: str) -> Recipe:
    """A short training with steps of the augmentation left out (or none): for the ablation, not the zoo."""

    def train(seed: int) -> Trained:
        return pretrain(seed, AUGMENTATION.without(*left_out), epochs=ABLATION_EPOCHS)

    name = "-".join(["simclr", f"{ABLATION_EPOCHS}_epochs", *(f"no_{step}" for step in left_out)])
    return replace(WORLD, name=name, train=train)


RECIPES = (WORLD,)
