"""What each step of SimCLR's augmentation is worth: pretrained without it, and probed.

    python benchmarks/simclr_ablation.py

pretrains the course's encoder with three seeds each with the whole augmentation and with one step left
out, looks at the test pictures once, and writes benchmarks/results/simclr_ablation.md and data/results/simclr_ablation.json.
"""

from __future__ import annotations

import argparse

from recipes import simclr
from tables import Rows, over_seeds, side_by_side, table, trained, write

from course_utils.models.pretext import SimCLRNet
from course_utils.selfsup.evaluation import LINEAR, NEIGHBOURS, downstream

WHOLE = "nothing left out"
# The colours of a picture change in two steps: jittered, and grey now and then.
LEFT_OUT = {"crop": ("crop",), "colour": ("colour", "grey"), "mirror": ("flip",)}
LABELS = (10, 50)  # a class


def measure(seed: int) -> Rows:
    rows = probed(WHOLE, trained(simclr.ablated(), seed))
    for name, steps in LEFT_OUT.items():
        rows |= probed(f"without {name}", trained(simclr.ablated(*steps), seed))
    for name in LEFT_OUT:
        cost = (
            rows[f"{WHOLE}: {LINEAR}, 10 a class"] - rows[f"without {name}: {LINEAR}, 10 a class"]
        )
        rows[f"what leaving out {name} costs the {LINEAR}, 10 a class"] = cost
    return rows


def probed(name: str, model: SimCLRNet) -> Rows:
    """What the encoder's features are worth; C and k chosen on validation pictures."""
    found = downstream(
        model.encoder, simclr.world(), per_class=LABELS, measures=(LINEAR, NEIGHBOURS)
    )
    return {
        f"{name}: {measured}, {labels} a class": found.mean(measured, labels)
        for measured in (LINEAR, NEIGHBOURS)
        for labels in LABELS
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    simclr.world()  # drawn once, for all processes
    rows, minutes = over_seeds(measure, seeds)
    publish(rows, seeds, minutes)


def publish(rows: list[Rows], seeds: list[int], minutes: float) -> None:
    """The page for people, and the figures for the lecture to draw."""
    write(
        "simclr_ablation",
        "SimCLR on the world: what each step of the augmentation is worth",
        seeds,
        minutes,
        f"Pretrained for {simclr.ABLATION_EPOCHS} epochs on 8,000 pictures without labels, each time with one step of the "
        f"augmentation left out; then {LINEAR} and {NEIGHBOURS} on {len(simclr.world().test):,} test pictures, "
        "the mean of three draws of the labels. C and k are chosen on validation pictures.",
        table(rows),
        figures=side_by_side(rows),
    )


if __name__ == "__main__":
    main()
