"""Lecture 4's shortcuts: how patch localisation is solved without recognising anything, and what stops it.

    python benchmarks/lecture4_shortcuts.py

trains small networks (2,000 pictures, a few epochs) with three seeds, with and without colour fringes,
gap, jitter and colour dropping, and looks at each on its own task, with the shortcut taken away, and on
pictures in which there is nothing to recognise. Writes benchmarks/results/lecture4_shortcuts.md
and data/results/lecture4_shortcuts.json.
`--validation` looks at validation pictures instead and writes nothing: settings were chosen there.
"""

import argparse

import torch
from recipes.patches import (
    FRINGES,
    GAP,
    JITTER,
    PATCH_SIZE,
    pretrain,
    through_lens,
    unlabelled,
    world,
)
from tables import Rows, over_seeds, side_by_side, table, write
from torch import nn

from course_utils.data import Split
from course_utils.data.world import render, sample
from course_utils.models import Encoder
from course_utils.models.pretext import PatchNet
from course_utils.selfsup.patches import BorderNet, match_borders, pair_batch, patches
from course_utils.selfsup.probes import extract_features, few_labels, linear_probe
from course_utils.training import evaluate, fit

PICTURES, EPOCHS, BATCH_SIZE = 2000, 8, 50
ASKED = 1000  # pictures of the split that is measured on
PER_CLASS, DRAWS = 10, 5
C = 1.0  # of the linear probe, the same for all
SMALL = 12  # patches of the border puzzle, in pixels
OFF = 9.0  # a place outside the picture


def empty(n: int, seed: int) -> Split:
    """Pictures of the world with the thing taken away: a plain background, and nothing that tells where."""
    scenes = sample(n, seed=seed)
    away = scenes.with_(centre=(OFF, OFF), hidden=False, distractor=False)
    return Split(render(away), scenes.label)


def borders(seed: int, split: Split) -> Rows:
    """The touching pixels compared, by a rule and by a network that sees nothing else."""
    rows = {}
    for gap, jitter in ((0, 0), (0, JITTER), (GAP, 0), (GAP, JITTER)):
        chance = torch.Generator().manual_seed(seed)
        centres, neighbours, positions = pair_batch(split.images, SMALL, gap, jitter, chance)
        right = (match_borders(centres, neighbours) == positions).float().mean()
        rows[f"rule, gap {gap}, jitter {jitter}"] = float(right)
    kinds = {"touching": (0, 0), "with gap and jitter": (GAP, JITTER)}
    tasks = {name: patches(SMALL, *cut, drop_colour=False) for name, cut in kinds.items()}
    for trained, task in tasks.items():
        torch.manual_seed(seed)
        net = BorderNet()
        fit(net, unlabelled(), epochs=3, batch_size=64, lr=1e-2, objective=task, seed=seed)
        for asked, other in tasks.items():
            found = evaluate(net, split, other)["accuracy"]
            rows[f"network trained on pairs {trained}, asked about pairs {asked}"] = found
    return rows


def probe(encoder: nn.Module, split: Split) -> float:
    """Linear probe with few labels, the mean of several draws of them."""
    features, labels = extract_features(encoder, split.batches(250))
    scores = []
    for draw in range(DRAWS):
        few = few_labels(world().train, PER_CLASS, seed=draw)
        known = extract_features(encoder, few.batches(250))
        scores.append(linear_probe(*known, features, labels, C=C))
    return sum(scores) / DRAWS


def fringes(seed: int, split: Split) -> Rows:
    """Four trainings: through a perfect and a cheap lens, with and without colour dropping."""
    clean, nothing = unlabelled()[:PICTURES], empty(1000, 77)
    lenses = {
        "perfect lens": (clean, split, nothing),
        "cheap lens": (through_lens(clean), through_lens(split), through_lens(nothing)),
    }
    rows = {}
    for lens, (pictures, own, void) in lenses.items():
        for drop in (False, True):
            name = f"{lens}, colour dropped" if drop else lens
            net = pretrain(
                seed,
                pictures,
                own[:8],  # only looked at
                drop_colour=drop,
                epochs=EPOCHS,
                batch_size=BATCH_SIZE,
            ).model
            assert isinstance(net, PatchNet)
            task = patches(PATCH_SIZE, GAP, JITTER, drop)
            tests = {"own pictures": own, "perfect lens": split, "pictures of nothing": void}
            for what, where in tests.items():
                rows[f"{name}: {what}"] = evaluate(net, where, task)["accuracy"]
            rows[f"{name}: linear probe"] = probe(net.encoder, split)
    torch.manual_seed(seed)
    return rows | {"untrained encoder: linear probe": probe(Encoder(), split)}


def measure(seed: int, split: str = "test") -> Rows:
    pictures: Split = getattr(world(), split)[:ASKED]
    return borders(seed, pictures) | fringes(seed, pictures)


def measure_on_validation(seed: int) -> Rows:
    return measure(seed, "validation")


def is_of_borders(name: str) -> bool:
    return name.startswith(("rule", "network"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--validation", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    world()  # drawn once, not by each process
    if arguments.validation:
        rows, _ = over_seeds(measure_on_validation, arguments.seeds)
        print(table(rows))
        return
    rows, minutes = over_seeds(measure, arguments.seeds)
    publish(rows, arguments.seeds, minutes)


def publish(rows: list[Rows], seeds: list[int], minutes: float) -> None:
    """The page for people, and the figures for the lecture to draw."""
    first = [{k: v for k, v in row.items() if is_of_borders(k)} for row in rows]
    second = [{k: v for k, v in row.items() if not is_of_borders(k)} for row in rows]
    write(
        "lecture4_shortcuts",
        "Lecture 4: the shortcuts of patch localisation",
        seeds,
        minutes,
        f"Shares of right positions (guessing: 12.5 %) and of right classes, on {ASKED:,} test pictures.",
        f"## Borders\n\nPatches of {SMALL} pixels. The rule (`match_borders`) takes the place where the "
        "touching pixels differ least; the network (`BorderNet`) sees the eight differences and nothing "
        f"else. With gap and jitter: {GAP} and {JITTER} pixels.\n\n"
        + table(first, heading="borders"),
        f"## Fringes\n\nTrained on {PICTURES:,} unlabelled pictures for {EPOCHS} epochs in batches of "
        f"{BATCH_SIZE}, patches of {PATCH_SIZE} pixels, gap {GAP}, jitter {JITTER}; the cheap lens magnifies "
        f"red by {100 * FRINGES:g} % more than blue. Asked: pairs from pictures through its own lens, through "
        "the perfect lens, and from 1,000 pictures of plain background through its own lens. Linear probe: "
        f"{PER_CLASS} labels a class, mean of {DRAWS} draws of them, pictures through the perfect lens.\n\n"
        + table(second, heading="trained on pictures through the: asked about"),
        figures=side_by_side(rows),
    )


if __name__ == "__main__":
    main()
