"""Lecture 2's numbers on the world: trainings, cues, corruptions and the sticker.

    python benchmarks/lecture2_defences.py

takes each network with three seeds (seed 0 is the zoo's, the others are trained here), looks at the test
pictures once, and writes benchmarks/results/lecture2_defences.md. Settings were chosen on the validation
split or are the literature's.
"""

from __future__ import annotations

import argparse

import torch
from recipes.classifiers import CUE, EPS, world
from tables import Rows, network, over_seeds, table, write
from torch import nn

from course_utils import attacks
from course_utils import robustness as measure_of
from course_utils.data import Split
from course_utils.data.world import CLASSES, groups
from course_utils.data.world import world as draw
from course_utils.robustness import accuracy, answers, corruption_errors, mean_corruption_error

TRAININGS = {
    "standard": "world_classifier",
    "noise-augmented": "world_noise",
    "adversarial": "world_adversarial",
}
ATTACKED = 500  # test pictures under the long attacks, and under every corruption
CUED, CUED_SEED = 2000, 78_000  # the matched and the reversed test set
# The class that a sticker reaches furthest on validation pictures: `--tune` tries all ten.
PATCH = {"target": CLASSES.index("car"), "size": 32, "steps": 200, "lr": 0.1}
PATCH_TRAINED, PATCH_SEEN = (0.31, 0.316), (0.316, 0.316)  # sides; 0.316 is a tenth of the area


def trainings(networks: dict[str, nn.Module], seed: int) -> Rows:
    """Clean accuracy and what is left of it, whole test split."""
    generator = torch.Generator().manual_seed(seed)

    def fgsm(model, x, y):
        return attacks.fgsm(model, x, y, EPS)

    def pgd(model, x, y):
        return attacks.pgd(model, x, y, EPS, steps=20, generator=generator)

    test = world().test
    return {
        f"{name}: {under}": accuracy(model, test.batches(250), attack)
        for name, model in networks.items()
        for under, attack in (("clean", None), ("FGSM", fgsm), ("PGD-20", pgd))
    }


def honest(model: nn.Module, seed: int) -> Rows:
    """The adversarially trained network under every attack that we have."""
    found = measure_of.evaluate(
        model,
        world().test[:ATTACKED].batches(250),
        EPS,
        generator=torch.Generator().manual_seed(seed),
    )
    print(seed, found, flush=True)
    rows = {f"adversarial: {name}": value for name, value in found.accuracies.items()}
    return rows | {
        "adversarial: the worst of all, image by image": found.worst_case,
        "adversarial: networks that raise an alarm": float(bool(found.alarms)),
    }


def corrupted(networks: dict[str, nn.Module], seed: int) -> Rows:
    test = world().test[:ATTACKED]
    errors = {
        name: corruption_errors(model, test, generator=torch.Generator().manual_seed(seed))
        for name, model in networks.items()
    }
    baseline = errors["standard"]
    rows = {}
    for name, found in errors.items():
        rates = [rate for by_severity in found.values() for rate in by_severity]
        rows[f"{name}: mean error under corruption"] = sum(rates) / len(rates)
        rows[f"{name}: mCE, the standard network's being 100"] = (
            mean_corruption_error(found, baseline) / 100
        )
    return rows


def cues(seed: int) -> Rows:
    rows = {}
    sets = {
        name: draw(
            CUED, CUED_SEED, background="scene", background_cue=CUE, reverse=name == "reversed"
        )
        for name in ("matched", "reversed")
    }
    for title, name in (("cue", "world_cue"), ("balanced", "world_balanced")):
        model = network(name, seed)
        for kind, split in sets.items():
            found = answers(model, split.batches(250))
            _, worst = measure_of.worst_group_accuracy(found.said, found.truth, groups(split))
            rows[f"{title}: {kind} set"] = found.accuracy
            rows[f"{title}: {kind} set, worst group"] = worst
    return rows


def sticker(model: nn.Module, seen: Split, seed: int, **changed: int) -> float:
    """A sticker trained on training pictures: how much of `seen` it turns into its class."""
    settings, generator = PATCH | changed, torch.Generator().manual_seed(seed)
    batches = world().train.batches(48, shuffle=True, generator=generator)
    patch = attacks.train_patch(
        model, batches, scale=PATCH_TRAINED, generator=generator, **settings
    )
    return attacks.patch_success(
        model, seen.batches(250), patch, settings["target"], scale=PATCH_SEEN, generator=generator
    )


def tune() -> None:
    """Which class a sticker is best made for, on validation pictures."""
    print("validation pictures read as the class after 60 steps toward it, seed 0")
    model = network("world_classifier", 0)
    for target, name in enumerate(CLASSES):
        success = sticker(model, world().validation, 0, target=target, steps=60)
        print(f"{name}: {100 * success:.1f} %", flush=True)


def measure(seed: int) -> Rows:
    networks = {title: network(name, seed) for title, name in TRAININGS.items()}
    return (
        trainings(networks, seed)
        | honest(networks["adversarial"], seed)
        | cues(seed)
        | {
            "the sticker: read as its class at random poses": sticker(
                networks["standard"], world().test, seed
            )
        }
        | corrupted(networks, seed)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tune", action="store_true", help="which class the sticker is made for")
    arguments = parser.parse_args()
    if arguments.tune:
        tune()
        return
    seeds = arguments.seeds
    world(), world(background="scene", background_cue=CUE)  # drawn once, for all processes
    rows, minutes = over_seeds(measure, seeds)
    write(
        "lecture2_defences",
        "Lecture 2: trainings, cues, corruptions, the sticker",
        seeds,
        minutes,
        f"eps is 8/255 throughout. Clean, FGSM and PGD-20: {len(world().test):,} test pictures; the further "
        f"attacks on the adversarial network and the corruptions: the first {ATTACKED} of them. Cues: {CUED:,} "
        f"fresh pictures each with background_cue = {CUE}. Sticker: a tenth of the picture's area, any angle, "
        f'wholly inside, toward "{CLASSES[PATCH["target"]]}", on the standard network and on the test pictures '
        "of all other classes.",
        table(rows),
    )


if __name__ == "__main__":
    main()
