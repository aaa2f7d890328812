"""Rotation and SimCLR on real pictures with a ResNet-18: k-NN and linear evaluation beside published figures.

    python benchmarks/selfsup_at_scale.py simclr --data cifar10            # a GPU's work
    python benchmarks/selfsup_at_scale.py rotation --data stl10 --epochs 50
    python benchmarks/selfsup_at_scale.py random rotation simclr --little  # minutes on a CPU

Pretraining by `training.fit`: mixed precision where the device is good at it, channels last, all pictures
on the device, augmentation there too. It looks at the training pictures only, never at their labels. Then
the encoder is frozen: k-NN with 200 neighbours, and logistic regression, its C and (for rotation) the stage
that is looked at chosen on validation pictures; the test pictures are touched once.

Run so far: --little only, on one CPU core with CIFAR-10 (results/selfsup_at_scale_little.md): a narrow
network, 2,000 pictures, 3 epochs. That shows that the way from pictures to table works and nothing more: no
GPU was to be had for the full size. Its settings are those of the papers where they say them, untuned.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from resnet18 import Middle, ResNet18
from torch import nn

from course_utils import data, device
from course_utils.data import Dataset, Split
from course_utils.data.cifar10 import CLASSES
from course_utils.data.splits import hold_out
from course_utils.models import Classifier
from course_utils.models.pretext import ProjectionHead, SimCLRNet
from course_utils.selfsup.augmentations import Augmentation
from course_utils.selfsup.probes import extract_features, knn_accuracy, linear_probe
from course_utils.selfsup.rotation import rotation
from course_utils.selfsup.simclr import simclr
from course_utils.training import fit

RESULTS = Path(__file__).parent / "results"
NEIGHBOURS = 200
CS = (0.001, 0.01, 0.1, 1.0)
# (stage, cells a side): rotation's features are the best before the end (Gidaris et al., table 1).
STAGES = ((2, 2), (3, 2), (4, 1))
PUBLISHED = """
| published, on CIFAR-10 | k-NN | linear | source |
|---|---|---|---|
| SimCLR, ResNet-18, 100 epochs | 83.2 % | 85.6 % | reported for this setting elsewhere; not checked here |
| RotNet, NIN with 4 blocks, second block | – | 89.06 % with three layers, 91.16 % with convolutions | Gidaris et al., arXiv 1803.07728, tables 2 and 3 |
"""


@dataclass(frozen=True)
class Size:
    """How much of everything; None: all there is."""

    width: int
    epochs: int
    batch_size: int
    unlabelled: int | None = None
    labelled: int | None = None
    test: int | None = None


FULL = Size(width=64, epochs=100, batch_size=512)
LITTLE = Size(width=8, epochs=3, batch_size=64, unlabelled=2000, labelled=2000, test=1000)


def from_folder(folder: Path) -> Dataset:
    """CIFAR-10 from a folder with train_*.npz and test.npz: x (N, 32, 32, 3) uint8 and y (N,)."""

    def read(pattern: str) -> Split:
        parts = [np.load(path) for path in sorted(folder.glob(pattern))]
        if not parts:
            raise SystemExit(f"no {pattern} in {folder}")
        x = torch.from_numpy(np.concatenate([part["x"] for part in parts]))
        y = torch.from_numpy(np.concatenate([part["y"] for part in parts]))
        return Split(x.permute(0, 3, 1, 2).contiguous(), y.long())

    train = read("train_*.npz")
    kept, held = hold_out(train.labels, torch.full((10,), len(train) // 100))
    return Dataset("cifar10", CLASSES, train[kept], train[held], read("test.npz"), card="")


def first(split: Split, count: int | None, seed: int = 0) -> Split:
    """So many of them at random."""
    if count is None or count >= len(split):
        return split
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(seed))
    return split[order[:count].to(split.labels.device)]


def unlabelled(pictures: Dataset) -> Split:
    """What pretraining may look at: the part without labels, or the training pictures."""
    return pictures.unlabelled if pictures.unlabelled is not None else pictures.train


def pretrain_simclr(encoder: ResNet18, pictures: Split, size: Size, **options) -> None:
    head = ProjectionHead(encoder.feature_dim, encoder.feature_dim, 128)
    # Appendix B.9 of SimCLR: crop, mirror and colours at half strength, no blur, temperature 0.5.
    objective = simclr(Augmentation(crop=(0.2, 1), colour=0.6), temperature=0.5)
    model = SimCLRNet(encoder, head)  # type: ignore[arg-type]
    learn(model, pictures, size, batch_size=size.batch_size, objective=objective, **options)


def pretrain_rotation(encoder: ResNet18, pictures: Split, size: Size, **options) -> None:
    model = Classifier(encoder, 4)  # type: ignore[arg-type]
    # Every picture comes in four positions.
    learn(
        model,
        pictures,
        size,
        batch_size=size.batch_size // 4,
        objective=rotation,
        augment=Augmentation(crop=(0.6, 1), colour=0, grey=0),
        **options,
    )


def learn(model: nn.Module, pictures: Split, size: Size, **options) -> None:
    history = fit(model, pictures, epochs=size.epochs, lr=2e-3, weight_decay=1e-3, **options)
    last = history.epochs[-1]
    print(f"pretext: loss {last['train_loss']:.3f}, accuracy {100 * last['train_accuracy']:.1f} %")


METHODS: dict[str, Callable[..., None]] = {"simclr": pretrain_simclr, "rotation": pretrain_rotation}


def evaluated(encoder: ResNet18, pictures: Dataset, size: Size) -> list[str]:
    """Test accuracy in %: k-NN and linear on the encoder's output, linear on the best stage."""
    splits = (
        first(pictures.train, size.labelled),
        first(pictures.validation, size.test),
        first(pictures.test, size.test),
    )
    features, chosen = {}, {}
    for stage, cells in STAGES:
        middle = Middle(encoder, stage, cells)
        train, held, test = (extract_features(middle, split.batches(500)) for split in splits)
        features[stage] = (*train, *test)
        chosen[stage] = max((linear_probe(*train, *held, C=c), c) for c in CS)
    best = max(chosen, key=lambda stage: chosen[stage])
    linear = {k: linear_probe(*features[k], C=chosen[k][1]) for k in {4, best}}
    near = knn_accuracy(*features[4], k=NEIGHBOURS)
    figures = [f"{100 * value:.2f} %" for value in (near, linear[4], linear[best])]
    return [*figures[:2], f"{figures[2]} ({best} of 4)"]


def row(method: str, chosen: argparse.Namespace, pictures: Dataset, size: Size) -> str:
    # Other programs on a CPU are no part of the cost; a GPU's work is not in the processor's time.
    clock = time.process_time if pictures.train.pixels.device.type == "cpu" else time.monotonic
    began = clock()
    torch.manual_seed(chosen.seed)
    encoder = ResNet18(size.width, pool=pictures.size > 64).to(pictures.train.pixels.device)
    if method in METHODS:
        kept = f"{chosen.checkpoint}.{method}" if chosen.checkpoint else None
        seen = first(unlabelled(pictures), size.unlabelled)
        METHODS[method](encoder, seen, size, seed=chosen.seed, checkpoint=kept)
    figures = evaluated(encoder, pictures, size)
    minutes = (clock() - began) / 60
    line = f"| {method} | {' | '.join(figures)} | {minutes:.1f} |"
    print(line, flush=True)
    return line


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("methods", nargs="+", choices=["random", *METHODS])
    parser.add_argument("--data", default="cifar10", choices=["cifar10", "stl10", "world"])
    parser.add_argument("--folder", type=Path, help="of CIFAR-10 as .npz files, instead of loading")
    parser.add_argument("--little", action="store_true", help="for a CPU")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device")
    parser.add_argument("--checkpoint", help="file to keep the training in, and to go on from")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    where = device.pick(chosen.device)
    full = LITTLE if chosen.little else FULL
    size = Size(**{**vars(full), "epochs": chosen.epochs or full.epochs})
    pictures = (from_folder(chosen.folder) if chosen.folder else data.load(chosen.data)).to(where)
    rows = [row(method, chosen, pictures, size) for method in chosen.methods]
    name = "selfsup_at_scale" + ("_little" if chosen.little else f"_{pictures.name}")
    text = page(chosen, pictures, size, rows, device.describe(where))
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def page(
    chosen: argparse.Namespace, pictures: Dataset, size: Size, rows: list[str], where: str
) -> str:
    how = "--little" if chosen.little else f"--data {pictures.name}"
    counts = [
        f"{len(first(split, count)):,}"
        for split, count in (
            (unlabelled(pictures), size.unlabelled),
            (pictures.train, size.labelled),
            (pictures.test, size.test),
        )
    ]
    minutes = "processor minutes" if where.startswith("cpu") else "minutes"
    beside = (
        "These are for all pictures and the whole network, and no match for what stands above:"
        if chosen.little
        else "Beside them:"
    )
    return f"""# Self-supervision on {pictures.name}{", in little" if chosen.little else ""}

`python benchmarks/selfsup_at_scale.py {" ".join(chosen.methods)} {how}`, seed {chosen.seed}: a ResNet-18 with
{size.width} channels in its first stage, {size.epochs} epochs of {counts[0]} pictures of {pictures.size} pixels without labels, evaluated with
{counts[1]} labelled pictures on {counts[2]} test pictures. {where}.

| pretext task | k-NN, {NEIGHBOURS} neighbours | linear | linear on the best stage | {minutes} |
|---|---|---|---|---|
{chr(10).join(rows)}

{beside}
{PUBLISHED}"""


if __name__ == "__main__":
    main()
