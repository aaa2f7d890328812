"""Lecture 1's numbers: accurate but brittle, and steerable.

    python benchmarks/lecture1_table.py

takes the standard network with three seeds (seed 0 is the zoo's, the others are trained here), attacks
each on the test split once, and writes benchmarks/results/lecture1.md. Every setting was chosen on the validation split
(`train_zoo.py --tune`) or is the literature's.
"""

import argparse

import torch
from recipes.classifiers import world
from tables import Rows, network, over_seeds, table, write
from torch import Tensor, nn

from course_utils import attacks
from course_utils.data import Split
from course_utils.data.world import world as draw
from course_utils.robustness import accuracy

EPS = 8 / 255
FRESH = 10_000  # unmodified pictures searched for natural adversarial examples
FRESH_SEED = 77_000


def targeted_success(model: nn.Module, test: Split, generator: torch.Generator) -> float:
    """The fraction of images that targeted PGD-20 brings to a random wrong class."""
    classes = int(test.labels.max()) + 1
    reached = 0
    for x, y in test.batches(250):
        target = (y + torch.randint(1, classes, y.shape, generator=generator)) % classes
        x_adv = attacks.pgd(model, x, target, EPS, steps=20, targeted=True, generator=generator)
        with torch.no_grad():
            reached += int((model(x_adv).argmax(dim=1) == target).sum())
    return reached / len(test)


def natural(model: nn.Module, pictures: Split) -> tuple[float, float]:
    """Of unmodified pictures: the fraction called wrongly, and wrongly with 90 % confidence."""
    wrong = sure = 0
    for x, y in pictures.batches(500):
        with torch.no_grad():
            confidence, guess = model(x).softmax(dim=1).max(dim=1)
        wrong += int((guess != y).sum())
        sure += int(((guess != y) & (confidence > 0.9)).sum())
    return wrong / len(pictures), sure / len(pictures)


def measure(seed: int) -> Rows:
    model, test = network("world_classifier", seed), world().test
    generator = torch.Generator().manual_seed(seed)

    def fgsm(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return attacks.fgsm(model, x, y, EPS)

    def pgd(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return attacks.pgd(model, x, y, EPS, steps=20, generator=generator)

    rows = {
        "clean accuracy": accuracy(model, test.batches(250)),
        "accuracy under FGSM, eps 8/255": accuracy(model, test.batches(250), fgsm),
        "accuracy under PGD-20, eps 8/255": accuracy(model, test.batches(250), pgd),
        "targeted PGD-20, eps 8/255: a random class reached": targeted_success(
            model, test, generator
        ),
    }
    fresh = {
        f"{FRESH:,} fresh, unmodified pictures": draw(FRESH, FRESH_SEED),
        f"{FRESH:,} of the same in scenes": draw(FRESH, FRESH_SEED, background="scene"),
    }
    for kind, pictures in fresh.items():
        wrong, sure = natural(model, pictures)
        rows[f"{kind}: wrong"] = wrong
        rows[f"{kind}: wrong with over 90 % confidence"] = sure
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    world()  # drawn once, for all processes
    rows, minutes = over_seeds(measure, seeds)
    write(
        "lecture1",
        "Lecture 1: accurate but brittle",
        seeds,
        minutes,
        f"{len(world().test):,} test pictures.",
        table(rows),
    )


if __name__ == "__main__":
    main()
