"""The course's encoder pretrained by patch localisation, without a label: once honestly, once as a cheat."""

from __future__ import annotations

from functools import cache

import torch

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.models import Encoder
from course_utils.models.pretext import PatchNet
from course_utils.plots.patches import WORDS
from course_utils.selfsup.patches import colour_fringes, patches
from course_utils.training import evaluate, fit
from recipes.recipe import Recipe, Trained

# Chosen on validation pictures, by the linear probe with 10 labels a class. Larger patches make the puzzle
# easier and the features no better; what colour dropping costs, benchmarks/lecture4_shortcuts.py prints.
PATCH_SIZE, GAP, JITTER = 16, 4, 2
DROP_COLOUR = False  # there are no fringes in the world's pictures
EPOCHS, BATCH_SIZE, LR = 24, 128, 3e-3
FRINGES = 0.06  # red larger than blue by this fraction


@cache
def world() -> Dataset:
    return data.load("world")


def unlabelled() -> Split:
    pictures = world().unlabelled
    assert pictures is not None  # asked for with all the world's splits
    return pictures


def through_lens(split: Split, strength: float = FRINGES) -> Split:
    """The same pictures, seen through a lens with colour fringes."""
    seen = torch.cat(
        [colour_fringes(x, strength).mul_(255).round_().byte() for x, _ in split.batches(500)]
    )
    return Split(seen, split.labels, split.attributes)


def honest(seed: int) -> Trained:
    return pretrain(seed, unlabelled(), world().validation)


def cheat(seed: int) -> Trained:
    """The same training on pictures with colour fringes, and nothing done against them."""
    trained = pretrain(seed, through_lens(unlabelled()), through_lens(world().validation))
    clean = evaluate(
        trained.model, world().validation, patches(PATCH_SIZE, GAP, JITTER, DROP_COLOUR)
    )
    trained.figures["validation accuracy without the fringes"] = clean["accuracy"]
    return trained


def pretrain(
    seed: int,
    pictures: Split,
    validation: Split,
    *,
    patch_size: int = PATCH_SIZE,
    gap: int = GAP,
    jitter: int = JITTER,
    drop_colour: bool = DROP_COLOUR,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
) -> Trained:
    torch.manual_seed(seed)
    model = PatchNet(Encoder())
    history = fit(
        model,
        pictures,
        validation,
        epochs=epochs,
        batch_size=batch_size,
        lr=LR,
        objective=patches(patch_size, gap, jitter, drop_colour),
        seed=seed,
    )
    return Trained(model, history)


TASK = (
    f"patches of {PATCH_SIZE} pixels, gap {GAP}, jitter {JITTER}, one pair a picture and epoch, new ones "
    f"each time; AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}, {EPOCHS} epochs"
)

RECIPES = (
    Recipe(
        name="world_patches",
        purpose="Trained without a label to say which of eight neighbours of a patch another patch is; "
        "its encoder is what it is for.",
        classes=WORDS,
        data='the 8,000 unlabelled pictures of `load("world")`',
        training=f"{TASK}, no colour dropping: there are no fringes in these pictures",
        results="benchmarks/results/selfsup_labels.md",
        train=honest,
        accuracy="accuracy of the pretext task, patch localisation",
        returns="logits (N, 8) of where the second patch lies; it takes two such batches, centres and "
        "neighbours",
        sources=("selfsup/patches.py", "models/pretext.py"),
    ),
    Recipe(
        name="world_patches_cheat",
        purpose="As `world_patches`, but on pictures from a lens with colour fringes. It reads from the "
        "fringes where in the picture a patch was cut, and needs to recognise nothing.",
        classes=WORDS,
        data='the 8,000 unlabelled pictures of `load("world")` through '
        f"`selfsup.colour_fringes(x, {FRINGES:g})`",
        training=f"{TASK}, no colour dropping",
        results="benchmarks/results/lecture4_shortcuts.md",
        train=cheat,
        accuracy="accuracy of the pretext task, patch localisation",
        returns="logits (N, 8) of where the second patch lies; it takes two such batches, centres and "
        "neighbours",
        sources=("selfsup/patches.py", "models/pretext.py"),
    ),
)
