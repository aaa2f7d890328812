"""Are self-supervised features more robust? Linear heads on five representations, attacked and misled.

    python benchmarks/selfsup_robustness.py            # about 15 minutes of one core beside the trainings
    python benchmarks/selfsup_robustness.py --tune     # the attacks' sizes on validation pictures
    python benchmarks/selfsup_robustness.py --little   # a minute or two; its figures mean nothing

takes each encoder with three seeds (seed 0 is the zoo's, the others are trained here), puts a linear head
on it that learnt from all labels (C chosen on the validation split), and measures encoder and head as one
network. Writes benchmarks/results/selfsup_robustness.md and data/results/selfsup_robustness.json; what was
measured of one encoder is kept in the cache folder, until the encoder or the code changes.
"""

from __future__ import annotations

import argparse
import inspect
from dataclasses import dataclass
from functools import cache, partial
from statistics import mean

import torch
from selfsup_methods import RANDOM, SUPERVISED, encoder_of, kept
from selfsup_pages import ROBUST, robustness_parts
from tables import UTILS, Found, Rows, code_mark, over_seeds, side_by_side, write
from torch import nn

from course_utils import attacks, data
from course_utils.data import Dataset, Split
from course_utils.data.world import BACKGROUNDS, SCENES, render, sample
from course_utils.data.world import world as draw
from course_utils.data.world.splits import split_seed
from course_utils.models import Classifier
from course_utils.robustness import accuracy, corruption_errors, mean_corruption_error
from course_utils.selfsup.probes import extract_features, fit_linear

EPS, FGSM_EPS = (0.5 / 255, 1 / 255, 2 / 255), 1 / 255
SEVERITIES = (1, 3, 5)
CUE, CUED_SEED = 0.95, 79_000
STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)  # the C's to choose from

# Read once, so that a run knows its own figures again though somebody edits a file meanwhile.
CODE = code_mark(
    *(UTILS / name for name in ("selfsup/probes.py", "attacks/pgd.py", "attacks/gradient.py"))
)


@dataclass(frozen=True)
class Plan:
    """How many pictures: of the splits, under attack and corruption, with cues to learn and to test."""

    little: bool = False
    train: int = 8000
    validation: int = 1000
    test: int = 2000
    attacked: int = 500
    corrupted: int = 300
    cued: int = 2000


FULL = Plan()
LITTLE = Plan(True, train=500, validation=200, test=200, attacked=20, corrupted=20, cued=200)


@cache
def world(plan: Plan) -> Dataset:
    return data.load(
        "world", n_train=plan.train, n_validation=plan.validation, n_test=plan.test, n_unlabelled=0
    )


@cache
def in_scenes(plan: Plan) -> Split:
    """The test pictures again, the things before scenes instead of plain backgrounds."""
    scenes = sample(plan.test, split_seed("test"))
    generator = torch.Generator().manual_seed(CUED_SEED)
    own = torch.tensor([BACKGROUNDS.index(name) for name in SCENES])
    behind = own[torch.randint(len(own), (plan.test,), generator=generator)]
    return Split(render(scenes.with_(background=behind)), scenes.label)


@cache
def cued(cue: str, plan: Plan) -> dict[str, Split]:
    """Pictures whose colour or background nearly always names the class, or a wrong one (reversed)."""
    knobs = {
        "colour": {"colour_cue": CUE},
        "background": {"background_cue": CUE, "background": "scene"},
    }
    return {
        split: draw(plan.cued, CUED_SEED + place, reverse=split == "reversed", **knobs[cue])
        for place, split in enumerate(("train", "validation", "matched", "reversed"))
    }  # fmt: skip


def probed(encoder: nn.Module, train: Split, validation: Split) -> Classifier:
    """The encoder under a linear head that learnt from `train`, C the best on `validation`."""
    seen = extract_features(encoder, train.batches(250))
    features, truth = extract_features(encoder, validation.batches(250))
    heads = [fit_linear(*seen, C=strength) for strength in STRENGTHS]
    reached = [(h(features).argmax(dim=1) == truth).float().mean().item() for h in heads]
    model = Classifier(encoder, heads[0].out_features)  # type: ignore[arg-type]
    model.head = heads[max(range(len(heads)), key=reached.__getitem__)]
    return model.eval().requires_grad_(False)


def attacked(model: nn.Module, pictures: Split, seed: int) -> Rows:
    """Accuracy under attacks on encoder and head together."""
    rows = {"clean, the attacked pictures": accuracy(model, pictures.batches(250))}

    def fgsm(model, x, y):
        return attacks.fgsm(model, x, y, FGSM_EPS)

    rows[f"FGSM, eps {255 * FGSM_EPS:g}/255"] = accuracy(model, pictures.batches(250), fgsm)
    for eps in EPS:

        def pgd(model, x, y, eps=eps):
            generator = torch.Generator().manual_seed(seed)
            return attacks.pgd(model, x, y, eps, steps=20, generator=generator)

        rows[f"PGD-20, eps {255 * eps:g}/255"] = accuracy(model, pictures.batches(250), pgd)
    return rows


def misled(encoder: nn.Module, plan: Plan) -> Rows:
    """Heads that learnt where a cue names the class: with the cue, and with it reversed."""
    rows = {}
    for cue in ("colour", "background"):
        splits = cued(cue, plan)
        model = probed(encoder, splits["train"], splits["validation"])
        for kind in ("matched", "reversed"):
            rows[f"{cue} cue {kind}"] = accuracy(model, splits[kind].batches(250))
    return rows


def measured_one(method: str, seed: int, plan: Plan) -> Found:
    """One representation: accuracies, and error rates by corruption and severity."""
    encoder = encoder_of(method, seed)
    model = probed(encoder, world(plan).train, world(plan).validation)
    test = world(plan).test
    errors = corruption_errors(
        model,
        test[: plan.corrupted],
        severities=SEVERITIES,
        generator=torch.Generator().manual_seed(seed),
    )
    rows = {"clean": accuracy(model, test.batches(250))}
    rows |= attacked(model, test[: plan.attacked], seed)
    rows["corrupted"] = 1 - mean(rate for rates in errors.values() for rate in rates)
    rows["before scenes"] = accuracy(model, in_scenes(plan).batches(250))
    return {"accuracy": rows | misled(encoder, plan), "errors": errors}


def measured(seed: int, plan: Plan) -> Found:
    """Everything about one seed: what was done to the pictures -> method -> accuracy, and the mCE."""
    steps = (measured_one, attacked, misled, probed, cued, in_scenes)
    own = [inspect.getsource(step) for step in steps]
    found = {}
    for method in ROBUST:
        found[method] = kept(
            f"selfsup_robustness-{method}-{seed}",
            encoder_of(method, seed),
            (plan, seed, CUE, EPS, FGSM_EPS, SEVERITIES, STRENGTHS, own, CODE),
            partial(measured_one, method, seed, plan),
        )
        print(f"seed {seed}: {method} measured", flush=True)
    baseline = found[SUPERVISED]["errors"]
    # What the supervised network never gets wrong is no measure for others.
    asked = [name for name, rates in baseline.items() if sum(rates)]
    return {
        "accuracy": {
            what: {method: found[method]["accuracy"][what] for method in ROBUST}
            for what in found[RANDOM]["accuracy"]
        },
        "mean corruption error": {
            method: mean_corruption_error(
                {name: found[method]["errors"][name] for name in asked},
                {name: baseline[name] for name in asked},
            )
            / 100
            for method in ROBUST
        },
        "corruption errors": {
            method: {name: mean(rates) for name, rates in found[method]["errors"].items()}
            for method in ROBUST
        },
    }


def summary(seed: int, plan: Plan) -> Rows:
    """What a process prints of its seed."""
    return {
        f"{method}: {what}": value
        for what, methods in measured(seed, plan)["accuracy"].items()
        for method, value in methods.items()
    }


def how(plan: Plan) -> str:
    return (
        f"Linear heads on frozen encoders, learnt from all {plan.train:,} labels, C chosen on the validation split; "
        "the attacks go through head and encoder. Supervised: the encoder of the classifier that was trained "
        f"with all labels. Clean and before scenes: {plan.test:,} test pictures, for the latter drawn again "
        "with a scene behind the same thing; "
        f"attacks: the first {plan.attacked:,} of them, corruptions: the first {plan.corrupted:,}, 16 kinds at severities "
        f"{', '.join(map(str, SEVERITIES))}. Cues: heads learnt from {plan.cued:,} fresh pictures in which the "
        f"colour (the background) agrees with the class with strength {CUE}, tested on {plan.cued:,} more like them "
        "(matched) and on as many in which it points to a wrong class (reversed); the encoders have "
        "seen no cue."
    )


def tune(plan: Plan) -> None:
    """What attacks of several sizes leave of validation pictures, seed 0."""
    for method in ROBUST:
        model = probed(encoder_of(method, 0), world(plan).train, world(plan).validation)
        rows = attacked(model, world(plan).validation[: plan.attacked], 0)
        print(method, {name: f"{100 * value:.1f} %" for name, value in rows.items()}, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--tune", action="store_true", help="attacks on validation pictures")
    parser.add_argument("--little", action="store_true", help="one seed, few pictures")
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
        "selfsup_robustness",
        "Are self-supervised features more robust?",
        seeds,
        None,
        how(plan),
        *robustness_parts(figures),
        figures=figures,
        little=plan.little,
    )


if __name__ == "__main__":
    main()
