"""Trains the zoo's models again: `python benchmarks/train_zoo.py` writes data/zoo/.

`--tune` instead prints the validation accuracies from which the settings below were chosen.
"""

import argparse
import platform
from pathlib import Path

import torch

from course_utils import data
from course_utils.data import Dataset
from course_utils.models import Classifier, Encoder, save
from course_utils.training import History, fit

ZOO = Path(__file__).resolve().parents[1] / "data" / "zoo"
EPOCHS, BATCH_SIZE, LR = 10, 128, 3e-3


def train(world: Dataset, seed: int, *, lr: float = LR) -> tuple[Classifier, History]:
    """The course's encoder on the world's training pictures, no augmentation; repeatable."""
    torch.manual_seed(seed)
    model = Classifier(Encoder(), world.num_classes)
    history = fit(
        model, world.train, world.validation, epochs=EPOCHS, batch_size=BATCH_SIZE, lr=lr, seed=seed
    )
    return model, history


def tune(world: Dataset) -> None:
    """`fit`'s own rate stays unless another beats it by more than the standard error, 0.3 points."""
    print(f"validation accuracy after {EPOCHS} epochs, seed 0")
    for lr in (1e-3, 3e-3, 1e-2):
        _, history = train(world, 0, lr=lr)
        print(f"lr {lr:g}: {history['validation_accuracy'][-1]:.3f}", flush=True)


def card(world: Dataset, seed: int, history: History) -> str:
    last = {name: history[name][-1] for name in ("train_loss", "validation_accuracy")}
    weights = sum(p.numel() for p in Classifier(Encoder(), world.num_classes).parameters())
    return f"""# world_classifier

The course's encoder with a linear head ({weights:,} weights), trained with labels on the embedded
world. Takes images (N, 3, H, W) in [0, 1], returns logits (N, {world.num_classes}). It was trained as
usual, so it is accurate and brittle: that is what it is for.

| | |
|---|---|
| command | `python benchmarks/train_zoo.py --seed {seed}` |
| seed | {seed} |
| data | `load("world")`: {len(world.train):,} training pictures of {world.size} x {world.size}, no cues, plain backgrounds |
| classes | {", ".join(world.classes)} |
| training | AdamW, one-cycle learning rate up to {LR:g}, batches of {BATCH_SIZE}, {EPOCHS} epochs, no augmentation |
| time | {sum(history["seconds"]):.0f} s with {torch.get_num_threads()} threads on {platform.machine()}, torch {torch.__version__} |
| final training loss | {last["train_loss"]:.4f} |
| validation accuracy | {100 * last["validation_accuracy"]:.1f} % of {len(world.validation):,} |

Accuracy on the test split, under attack and over three seeds: `benchmarks/results/lecture1.md`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tune", action="store_true")
    arguments = parser.parse_args()
    world = data.load("world", n_unlabelled=0)
    if arguments.tune:
        tune(world)
        return
    model, history = train(world, arguments.seed)
    facts = {
        "command": f"python benchmarks/train_zoo.py --seed {arguments.seed}",
        "seed": arguments.seed,
        "data": "world",
        "classes": list(world.classes),
        "validation_accuracy": history["validation_accuracy"][-1],
    }
    save(model, ZOO / "world_classifier.safetensors", **facts)
    (ZOO / "world_classifier.md").write_text(card(world, arguments.seed, history), encoding="utf-8")
    print(card(world, arguments.seed, history))


if __name__ == "__main__":
    main()
