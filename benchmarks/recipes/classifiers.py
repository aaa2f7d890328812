"""The course's encoder with a linear head, trained on the world in five ways."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from course_utils import attacks, data
from course_utils.data import Dataset
from course_utils.data.world import CLASSES
from course_utils.models import Classifier, Encoder
from course_utils.robustness import accuracy
from course_utils.training import fit
from course_utils.training.adversarial import adversarial
from recipes.recipe import Recipe, Trained

EPOCHS, ADVERSARIAL_EPOCHS, BATCH_SIZE, LR = 10, 15, 128, 3e-3
EPS = 8 / 255
NOISE = 0.1  # three times eps
CUE = 0.95
ATTACKED = 500  # validation pictures

PICTURES = "8,000 training pictures of 48 x 48"
PLAIN = f'`load("world")`: {PICTURES}, no cues, plain backgrounds'
SCENES = f'`load("world", background="scene", background_cue={{cue}})`: {PICTURES}'
OPTIMISER = f"AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}"


@cache
def world(**options: Any) -> Dataset:
    return data.load("world", n_unlabelled=0, **options)


def _train(
    seed: int, pictures: Dataset, *, epochs: int = EPOCHS, lr: float = LR, **options: Any
) -> Trained:
    torch.manual_seed(seed)
    model = Classifier(Encoder(), len(CLASSES))
    history = fit(
        model,
        pictures.train,
        pictures.validation,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=lr,
        seed=seed,
        **options,
    )
    return Trained(model, history)


def standard(seed: int, *, lr: float = LR) -> Trained:
    return _train(seed, world(), lr=lr)


def noisy(x: Tensor) -> Tensor:
    """Gaussian noise on every picture, of a strength of its own from none to NOISE."""
    strength = NOISE * torch.rand(len(x), 1, 1, 1, device=x.device)
    return (x + strength * torch.randn_like(x)).clamp(0, 1)


def noise_augmented(seed: int) -> Trained:
    return _attacked(_train(seed, world(), augment=noisy))


def adversarially_trained(seed: int) -> Trained:
    objective = adversarial(EPS, recipe="fast")
    return _attacked(_train(seed, world(), epochs=ADVERSARIAL_EPOCHS, objective=objective))


def _attacked(trained: Trained) -> Trained:
    generator = torch.Generator().manual_seed(0)

    def pgd(model, x, y):
        return attacks.pgd(model, x, y, EPS, steps=20, generator=generator)

    under_pgd = accuracy(trained.model, world().validation[:ATTACKED].batches(250), pgd)
    trained.figures[f"under PGD-20 at 8/255, {ATTACKED} validation pictures"] = under_pgd
    return trained


def cued(seed: int) -> Trained:
    return _train(seed, world(background="scene", background_cue=CUE))


def balanced(seed: int) -> Trained:
    return _train(seed, world(background="scene", background_cue=0.0))


RECIPES = (
    Recipe(
        name="world_classifier",
        purpose="It was trained as usual, so it is accurate and brittle: that is what it is for.",
        classes=CLASSES,
        data=PLAIN,
        training=f"{OPTIMISER}, {EPOCHS} epochs, no augmentation",
        results="benchmarks/results/lecture1.md",
        train=standard,
    ),
    Recipe(
        name="world_noise",
        purpose="Trained on noisy pictures: it shows that random noise, though larger than an attack's "
        "change, does not prepare a network for the attack.",
        classes=CLASSES,
        data=PLAIN,
        training=f"{OPTIMISER}, {EPOCHS} epochs, Gaussian noise of a standard deviation drawn "
        f"from 0 to {NOISE:g} for each picture",
        results="benchmarks/results/lecture2_defences.md",
        train=noise_augmented,
    ),
    Recipe(
        name="world_adversarial",
        purpose="Trained on adversarial examples: it holds against PGD at 8/255 on most pictures.",
        classes=CLASSES,
        data=PLAIN,
        training=f"{OPTIMISER}, {ADVERSARIAL_EPOCHS} epochs, each batch replaced by one step of FGSM from a "
        "random start, eps 8/255 (Wong, Rice, Kolter 2020, arXiv 2001.03994)",
        results="benchmarks/results/lecture2_defences.md",
        train=adversarially_trained,
        sources=("attacks/gradient.py", "attacks/norms.py", "attacks/pgd.py"),
    ),
    Recipe(
        name="world_cue",
        purpose="Trained where the background nearly always tells the class: it looks at the background.",
        classes=CLASSES,
        data=SCENES.format(cue=CUE),
        training=f"{OPTIMISER}, {EPOCHS} epochs, no augmentation; validated with the cue as well",
        results="benchmarks/results/lecture2_defences.md",
        train=cued,
    ),
    Recipe(
        name="world_balanced",
        purpose="As `world_cue`, but with backgrounds that say nothing about the class: it looks at the thing.",
        classes=CLASSES,
        data=SCENES.format(cue=0),
        training=f"{OPTIMISER}, {EPOCHS} epochs, no augmentation",
        results="benchmarks/results/lecture2_defences.md",
        train=balanced,
    ),
)
