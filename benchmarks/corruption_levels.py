"""How hard each severity is: `python benchmarks/corruption_levels.py` writes a table and a picture.

The course's classifier on the world's validation pictures, never the test split: the levels of the
corruptions were chosen by these figures and by looking at the picture.
Writes benchmarks/results/corruption_levels.md and corruption_levels.jpg.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from course_utils import models, robustness
from course_utils.data.world import load_world
from course_utils.robustness import CORRUPTIONS, SEVERITIES, corrupt

RESULTS = Path(__file__).parent / "results"
SHOWN = (3, 7)  # two of the validation pictures
SEED = 0


def grid(x: torch.Tensor) -> None:
    """One row a corruption, each picture before it and at five severities."""
    from matplotlib.figure import Figure

    columns = 1 + len(SEVERITIES)
    figure = Figure(figsize=(14, 1.2 * len(CORRUPTIONS)))
    axes = figure.subplots(len(CORRUPTIONS), columns * len(SHOWN))
    for row, name in zip(axes, CORRUPTIONS, strict=True):
        for k, index in enumerate(SHOWN):
            for severity in range(columns):
                generator = torch.Generator().manual_seed(SEED + k)
                image = corrupt(x[[index]], name, severity, generator)[0]
                ax = row[columns * k + severity]
                ax.imshow(image.permute(1, 2, 0).numpy())
                ax.set_xticks([])
                ax.set_yticks([])
        row[0].set_ylabel(name, fontsize=8)
    figure.subplots_adjust(0.03, 0.003, 0.998, 0.997, 0.03, 0.03)
    figure.savefig(RESULTS / "corruption_levels.jpg", dpi=70, pil_kwargs={"quality": 85})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="world_classifier", help="of the zoo")
    parser.add_argument("--n", type=int, default=500, help="validation pictures")
    chosen = parser.parse_args()
    pictures = load_world(n_train=1, n_test=1, n_unlabelled=0).validation[: chosen.n]
    grid(pictures.images)
    model = models.zoo.load(chosen.model)
    clean = robustness.accuracy(model, pictures.batches(250))
    errors = robustness.corruption_errors(
        model, pictures, generator=torch.Generator().manual_seed(SEED)
    )
    rows = [
        f"| {name} | {CORRUPTIONS[name].level} | "
        + " | ".join(
            f"{level:g}: {100 * (1 - error):.1f} %"
            for level, error in zip(CORRUPTIONS[name].levels, by_severity, strict=True)
        )
        + " |"
        for name, by_severity in errors.items()
    ]
    mean = sum(sum(rates) for rates in errors.values()) / len(errors) / len(SEVERITIES)
    table = "\n".join(rows)
    text = f"""# How hard each severity is

`python benchmarks/corruption_levels.py --model {chosen.model} --n {chosen.n}`: level and accuracy of the
zoo's `{chosen.model}` on {len(pictures)} validation pictures of the world, corruption seed {SEED}.
Without corruption {100 * clean:.1f} %; mean over corruptions and severities {100 * (1 - mean):.1f} %.

| corruption | what the level is | 1 | 2 | 3 | 4 | 5 |
|---|---|---|---|---|---|---|
{table}

![Two pictures under each corruption, unchanged and at severity 1 to 5](corruption_levels.jpg)
"""
    (RESULTS / "corruption_levels.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
