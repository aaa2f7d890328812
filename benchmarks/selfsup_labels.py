"""What each representation is worth with few labels and with many: lectures 3, 4 and 5 quote and draw this.

    python benchmarks/selfsup_labels.py            # about half an hour of one core beside the trainings
    python benchmarks/selfsup_labels.py --tune     # the validation figures by which rates were chosen
    python benchmarks/selfsup_labels.py --little   # a minute or two; its figures mean nothing

takes each encoder with three seeds (seed 0 is the zoo's, the others are trained here), draws the labels
with the same seed for all, chooses C, k and learning rate on the validation split, looks at the test
split once, and writes benchmarks/results/selfsup_labels.md and data/results/selfsup_labels.json. What was
measured of one encoder is kept in the cache folder, until the encoder or the evaluation changes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from recipes import patches as patch_recipe
from recipes import simclr as simclr_recipe
from selfsup_methods import (
    PRETRAINED,
    RANDOM,
    SCRATCH,
    SUPERVISED,
    encoder_of,
    kept,
    untrained,
)
from selfsup_pages import labels_parts
from tables import UTILS, Found, Rows, code_mark, network, over_seeds, side_by_side, write
from torch import nn

from course_utils import data
from course_utils.data import Dataset
from course_utils.selfsup.augmentations import Augmentation
from course_utils.selfsup.evaluation import FINE_TUNING, LINEAR, NEIGHBOURS, Downstream, downstream
from course_utils.selfsup.patches import patches
from course_utils.selfsup.rotation import rotation
from course_utils.selfsup.simclr import simclr
from course_utils.training import Objective, evaluate

METHODS = (RANDOM, SCRATCH, *PRETRAINED, SUPERVISED)
BATCH_SIZE = 50
LONGER = 10  # times as many updates, for the longer run from scratch
# `--tune` prints validation accuracies over a wider range. With all labels one rate: that run is long.
RATES = {10: (1e-4, 3e-4, 1e-3), 50: (1e-4, 3e-4, 1e-3), None: (1e-3,)}
SCRATCH_RATES = {10: (1e-3, 3e-3, 1e-2), 50: (1e-3, 3e-3, 1e-2), None: (3e-3,)}
LONGER_RATES = (3e-3,)
TUNED = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
MIRROR_AND_CROP = Augmentation(crop=(0.5, 1.0), colour=0.0, grey=0.0)

# Read once, so that a run knows its own figures again though somebody edits a file meanwhile.
CODE = code_mark(UTILS / "selfsup/probes.py", UTILS / "selfsup/evaluation.py")


@dataclass(frozen=True)
class Plan:
    """How much of everything: pictures to train, validate and test; updates with 10, 50 and all labels."""

    little: bool = False
    pictures: tuple[int, int, int] = (8000, 1000, 2000)
    updates: tuple[int, int, int] = (100, 200, 600)

    @property
    def steps(self) -> dict[int | None, int]:
        return dict(zip((10, 50, None), self.updates, strict=True))

    @property
    def every(self) -> int:
        """All labels, a class."""
        return self.pictures[0] // world(self).num_classes


FULL, LITTLE = Plan(), Plan(True, (1000, 200, 200), (4, 4, 4))


@cache
def world(plan: Plan) -> Dataset:
    train, validation, test = plan.pictures
    return data.load("world", n_train=train, n_validation=validation, n_test=test, n_unlabelled=0)


def options(method: str) -> dict[str, Any]:
    """What `downstream` is asked for."""
    # A random encoder, fine-tuned, is the one from scratch; the supervised one has had every label.
    if method in (RANDOM, SUPERVISED):
        return {"measures": (LINEAR, NEIGHBOURS)}
    if method == SCRATCH:  # features of a random encoder are no place to start a head from
        return {"rates": SCRATCH_RATES, "measures": (FINE_TUNING,), "from_probe": False}
    return {"rates": RATES}


def scores(method: str, seed: int, plan: Plan) -> Found:
    """A method's measure -> labels a class -> {"test", "validation", "setting"}."""
    found = downstream(
        encoder_of(method, seed),
        world(plan),
        seeds=(seed,),
        updates=plan.steps,
        batch_size=BATCH_SIZE,
        **options(method),
    )
    return plain(found, plan)


def plain(found: Downstream, plan: Plan) -> Found:
    """The scores of one seed as JSON holds them."""
    return {
        measure: {
            str(labels or plan.every): {
                "test": score.test,
                "validation": score.validation,
                "setting": score.setting,
            }
            for labels, (score,) in by_labels.items()
        }
        for measure, by_labels in found.scores.items()
    }


def head(seed: int, plan: Plan) -> Found:
    """SimCLR's output after the head, probed as its encoder's is."""
    net = network(PRETRAINED["SimCLR"], seed)
    return plain(downstream(net, world(plan), seeds=(seed,), measures=(LINEAR,)), plan)


def longer(seed: int, plan: Plan, augmented: bool) -> Found:
    """From scratch with 10 labels a class and many more updates: is it a matter of patience?"""
    found = downstream(
        untrained(seed),
        world(plan),
        per_class=(10,),
        seeds=(seed,),
        measures=(FINE_TUNING,),
        rates=LONGER_RATES,
        updates=LONGER * plan.steps[10],
        batch_size=BATCH_SIZE,
        augment=MIRROR_AND_CROP if augmented else None,
        from_probe=False,
    )
    return plain(found, plan)


def pretext(method: str, seed: int, plan: Plan) -> Found:
    """How well the network solves its own task: split -> accuracy."""
    recipe = patch_recipe
    objectives: dict[str, Objective] = {
        "rotation": rotation,
        "patches": patches(recipe.PATCH_SIZE, recipe.GAP, recipe.JITTER, recipe.DROP_COLOUR),
        "SimCLR": simclr(simclr_recipe.AUGMENTATION, simclr_recipe.TEMPERATURE),
    }
    net = network(PRETRAINED[method], seed)
    return {
        split: evaluate(net, getattr(world(plan), split), objectives[method])["accuracy"]
        for split in ("validation", "test")
    }


def measured(seed: int, plan: Plan) -> Found:
    """Everything about one seed."""

    def look(what: str, model: nn.Module, work: Callable[[], Found], *settings: Any) -> Found:
        settings = (plan, seed, BATCH_SIZE, CODE, *settings)
        return kept(f"selfsup_labels-{what}-{seed}", model, settings, work)

    def of(method: str) -> Found:
        work = partial(scores, method, seed, plan)
        found = look(method, encoder_of(method, seed), work, options(method))
        print(f"seed {seed}: {method} measured", flush=True)
        return found

    def long(title: str, augmented: bool) -> Found:
        work = partial(longer, seed, plan, augmented)
        found = look(title, untrained(seed), work, LONGER, LONGER_RATES, MIRROR_AND_CROP)
        return found[FINE_TUNING]

    nets = {method: network(name, seed) for method, name in PRETRAINED.items()}
    methods = {method: of(method) for method in METHODS}
    after = look("head", nets["SimCLR"], partial(head, seed, plan))
    return {
        "methods": methods,
        "head": {"encoder": methods["SimCLR"][LINEAR], "head": after[LINEAR]},
        "pretext": {
            method: look(f"{method} pretext", net, partial(pretext, method, seed, plan))
            for method, net in nets.items()
        },
        "longer": {
            "as they are": long("as they are", False),
            "mirrored and cropped": long("mirrored and cropped", True),
        },
    }


def summary(seed: int, plan: Plan) -> Rows:
    """What a process prints of its seed."""
    return {
        f"{method}: {measure}, {labels} a class": score["test"]
        for method, measures in measured(seed, plan)["methods"].items()
        for measure, by_labels in measures.items()
        for labels, score in by_labels.items()
    }


def how(plan: Plan) -> str:
    def rates(by_labels: dict[int | None, tuple[float, ...]]) -> str:
        return "; ".join(", ".join(f"{rate:g}" for rate in tried) for tried in by_labels.values())

    train, validation, test = plan.pictures
    few, more, every = plan.updates
    return (
        f"World of 48 x 48 pixels; labels of {train:,} training pictures, drawn with the same seed for every method; "
        f"settings chosen on {validation:,} validation pictures, figures of {test:,} test pictures. Linear probe: "
        "logistic regression on standardised features. k-NN: by cosine similarity. Fine-tuning: "
        f"{few}, {more} and {every} updates (10, 50 and all labels a class) of {BATCH_SIZE} pictures, no "
        f"augmentation, from the linear probe's head on; learning rates to choose from: {rates(RATES)}. From scratch: the "
        f"same updates and batches from a random encoder and head, with learning rates {rates(SCRATCH_RATES)}. Supervised: the encoder of "
        "the classifier that was trained with all labels; it has seen what the others have not. Where validation chose the "
        "end of a range (last table), a wider range might give more, to training from scratch as well."
    )


def tune(plan: Plan) -> None:
    """Validation accuracy of fine-tuning by learning rate, seed 0."""
    for method in (SCRATCH, *PRETRAINED):
        for labels, updates in plan.steps.items():
            if labels is None and plan.little:
                continue
            for rate in TUNED:
                found = downstream(
                    encoder_of(method, 0), world(plan), per_class=(labels,), seeds=(0,),
                    measures=(FINE_TUNING,), rates=(rate,), updates=updates, batch_size=BATCH_SIZE,
                    from_probe=method != SCRATCH,
                )  # fmt: skip
                (score,) = found.scores[FINE_TUNING][labels]
                told = f"{100 * score.validation:.1f} % of validation pictures"
                print(f"{method}, {labels or 'all'} a class, rate {rate:g}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--tune", action="store_true", help="validation accuracy by learning rate")
    parser.add_argument("--little", action="store_true", help="one seed, few pictures and updates")
    arguments = parser.parse_args()
    plan = LITTLE if arguments.little else FULL
    if arguments.tune:
        tune(plan)
        return
    seeds = arguments.seeds or ([0] if plan.little else [0, 1, 2])
    world(plan)  # drawn once, not by each process
    over_seeds(partial(summary, plan=plan), seeds)
    figures = side_by_side([measured(seed, plan) for seed in seeds])
    publish(figures, seeds, plan)


def publish(figures: Found, seeds: list[int], plan: Plan) -> None:
    """The page for people, and the figures for the lectures to draw."""
    write(
        "selfsup_labels",
        "Representations with few labels and with many",
        seeds,
        None,
        how(plan),
        *labels_parts(figures, LONGER),
        figures=figures,
        little=plan.little,
    )


if __name__ == "__main__":
    main()
