"""Lecture 3's network that cheats: rotation learnt in scenes, read from the horizon.

    python benchmarks/lecture3_horizon.py

takes the rotation networks trained before plain walls and outdoors with three seeds each (seed 0 is the
zoo's, the others are trained here), looks at the test pictures once, and writes
benchmarks/results/lecture3_horizon.md. The regularisation of the probes is chosen on validation pictures.
`--validation` looks at validation pictures instead, and writes nothing.
"""

from __future__ import annotations

import argparse
import math
from functools import partial
from statistics import mean

import torch
from recipes.rotation import PER_CLASS, pictures
from tables import Rows, grid, network, over_seeds, told, write
from torch import Tensor, nn

from course_utils.data import Split
from course_utils.data.world import render, sample
from course_utils.data.world.splits import split_seed
from course_utils.models import Encoder
from course_utils.selfsup.evaluation import LINEAR, downstream
from course_utils.selfsup.rotation import rotation
from course_utils.training import evaluate

NETWORKS = {"before plain walls": "world_rotation", "outdoors": "world_rotation_cheat"}
RANDOM = "random encoder"
OWN: dict[str, dict[str, str]] = {"before plain walls": {}, "outdoors": {"background": "scene"}}
OFF = 9.0  # a place outside the picture


def edited(split: str) -> dict[str, Split]:
    """The outdoor pictures of a split drawn anew: without their thing, and with only the thing turned over."""
    n = len(getattr(pictures(background="scene"), split))
    scenes = sample(n, split_seed(split), background="scene")
    empty = scenes.with_(centre=(OFF, OFF), hidden=False, distractor=False)
    turned = scenes.with_(tilt=scenes.tilt + math.pi)
    return {
        "empty": Split(render(empty), scenes.label),
        "turned": Split(render(turned), scenes.label),
    }


def answers(model: nn.Module, split: Split) -> Tensor:
    with torch.no_grad():
        return torch.cat([model(x).argmax(dim=1) for x, _ in split.batches(250)])


def probes(encoder: nn.Module, split: str) -> Rows:
    """Few labels of pictures before plain walls, and of pictures outdoors."""
    rows: Rows = {}
    for where, options in (("plain walls", {}), ("outdoors", {"background": "scene"})):
        found = downstream(encoder, pictures(**options), per_class=(PER_CLASS,), measures=(LINEAR,))
        scores = found.scores[LINEAR][PER_CLASS]
        rows[f"{LINEAR}, {where}"] = mean(getattr(score, split) for score in scores)
    return rows


def measure(seed: int, split: str = "test") -> Rows:
    """'who: what' -> fraction."""
    scenes = edited(split)
    rows: Rows = {}
    for who, name in NETWORKS.items():
        model = network(name, seed)
        own = getattr(pictures(**OWN[who]), split)
        said = answers(model, scenes["turned"])
        found = {
            "pretext accuracy, pictures as in training": evaluate(model, own, rotation)["accuracy"],
            "pretext accuracy, empty scenes": evaluate(model, scenes["empty"], rotation)[
                "accuracy"
            ],
            "only the thing turned over: believes the thing": float((said == 2).float().mean()),
            "only the thing turned over: believes the scene": float((said == 0).float().mean()),
        } | probes(model.get_submodule("encoder"), split)
        rows |= {f"{who}: {what}": value for what, value in found.items()}
    torch.manual_seed(seed)
    untrained = probes(Encoder().eval(), split)
    return rows | {f"{RANDOM}: {what}": value for what, value in untrained.items()}


def networks_side_by_side(rows: list[Rows]) -> str:
    """A line for each thing measured, a column for each network: mean ± standard deviation."""
    columns = (*NETWORKS, RANDOM)
    whats = list(dict.fromkeys(name.split(": ", 1)[1] for name in rows[0]))

    def cell(name: str) -> str:
        return told([row[name] for row in rows]) if name in rows[0] else "–"

    cells = {what: [cell(f"{who}: {what}") for who in columns] for what in whats}
    return grid("trained", columns, cells) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--validation", action="store_true")
    arguments = parser.parse_args()
    pictures(), pictures(background="scene")  # drawn once, for all processes
    split = "validation" if arguments.validation else "test"
    rows, minutes = over_seeds(partial(measure, split=split), arguments.seeds)
    if arguments.validation:
        print(networks_side_by_side(rows))
        return
    write(
        "lecture3_horizon",
        "Lecture 3: a rotation network that reads the horizon",
        arguments.seeds,
        minutes,
        f"{len(pictures().test):,} test pictures; guessing a rotation gives 25 %. {LINEAR.capitalize()}: "
        f"{PER_CLASS} labels a class, the mean of three draws of them. An empty scene is a test picture "
        "without its thing; where only the thing is turned over, the scene stays upright.",
        networks_side_by_side(rows),
    )


if __name__ == "__main__":
    main()
