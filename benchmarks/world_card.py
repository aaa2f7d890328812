"""Writes the world's data card, data/world.md, with its pictures: `python benchmarks/world_card.py`."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import torch
from matplotlib import pyplot as plt
from torch import Tensor

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.data.world import CLASSES, COLOURS, PLAINS, SCENES, Scenes, render, sample

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "data"
SEED = 3485


def sheet(
    name: str, pictures: Tensor, columns: int, rows: list[str], tops: list[str], title: str
) -> None:
    """Pictures (N, 3, H, W) in a grid with names at its left and top, as data/NAME.jpg."""
    height = len(pictures) // columns
    figure, axes = plt.subplots(
        height,
        columns,
        figsize=(columns * 1.2, height * 1.2 + 0.5),
        squeeze=False,
        dpi=100,
        layout="constrained",
    )
    for i, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=True)):
        axis.imshow(picture.permute(1, 2, 0).numpy())
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        if i % columns == 0 and rows:
            axis.set_ylabel(rows[i // columns], fontsize=10)
        if i < columns and tops:
            axis.set_title(tops[i], fontsize=10)
    figure.suptitle(title, fontsize=12)
    # Grain doesn't compress without loss: as PNG the four sheets would take 4 MB of every install.
    figure.savefig(FOLDER / f"{name}.jpg", facecolor="white", pil_kwargs={"quality": 88})
    plt.close(figure)


def classes_sheet() -> None:
    names = [name for name in CLASSES for _ in range(8)]
    pictures = render(sample(len(names), SEED, labels=names), 112)
    sheet(
        "world_classes",
        pictures,
        8,
        list(CLASSES),
        [],
        "The ten classes as they come: no cues, plain backgrounds",
    )


def scenes_sheet() -> None:
    names = [name for name in CLASSES for _ in range(2)]
    own = sample(len(names), SEED + 1, labels=names, background="scene", background_cue=1.0)
    order = torch.arange(20).view(10, 2).T.flatten()
    sheet(
        "world_scenes",
        render(own[order], 112),
        10,
        [],
        list(SCENES),
        "background_cue = 1: each class in its own scene",
    )


def cues_sheet() -> None:
    """The same ten things with each knob at its ends."""
    knobs: dict[str, dict] = {
        "no cues": {},
        "colour 1": {"colour_cue": 1.0},
        "background 1": {"background_cue": 1.0},
        "both 1": {"colour_cue": 1.0, "background_cue": 1.0},
        "reversed": {"colour_cue": 1.0, "background_cue": 1.0, "reverse": True},
    }
    drawn = [
        render(sample(10, SEED + 2, labels=CLASSES, background="scene", **knob), 112)
        for knob in knobs.values()
    ]
    sheet(
        "world_cues",
        torch.cat(drawn),
        10,
        list(knobs),
        list(CLASSES),
        "One seed, five settings of the knobs",
    )


def pairs_sheet() -> None:
    """One thing, and what changes when a single cue of it is replaced."""
    scenes = sample(
        4, SEED + 3, labels=["cat", "sailing boat", "mug", "bird"], background=["room", "sea"]
    )
    changes: dict[str, Scenes] = {
        "as drawn": scenes,
        "shape": scenes.with_(label=["bird", "umbrella", "tree", "fish"]),
        "colour": scenes.with_(colour=["teal", "red", "yellow", "purple"]),
        "background": scenes.with_(background=["night", "desert", "forest", "reef"]),
    }
    drawn = torch.stack([render(s, 160) for s in changes.values()], 1).flatten(0, 1)
    sheet(
        "world_pairs",
        drawn,
        4,
        [],
        list(changes),
        "Cue conflicts: one thing replaced, the rest bit-identical",
    )


def facts(dataset: Dataset) -> str:
    def row(name: str, split: Split) -> str:
        mean, std = split.images.mean((0, 2, 3)), split.images.std((0, 2, 3))
        counts = split.labels[split.labels >= 0].bincount(minlength=10).tolist()
        spread = f"{min(counts)} to {max(counts)}" if sum(counts) else "no labels"
        channels = ", ".join(
            f"{m:.3f} ± {s:.3f}" for m, s in zip(mean.tolist(), std.tolist(), strict=True)
        )
        return f"| {name} | {len(split):,} | {spread} | {channels} |"

    parts = ("train", "validation", "test", "unlabelled")
    lines = ["| split | pictures | a class | red, green, blue: mean ± sd |", "|---|---|---|---|"]
    return "\n".join(
        lines
        + [row(part, split) for part in parts if (split := getattr(dataset, part)) is not None]
    )


def numbers(name: str) -> str:
    """The table that another script wrote, under the names of its command and its seeds."""
    path = HERE / "results" / name
    if not path.is_file():
        raise SystemExit(f"{path} is missing: run benchmarks/lecture1_table.py first")
    return path.read_text(encoding="utf-8").split("\n", 1)[1].strip()


CARD = """# The embedded world

Pictures of ten things, drawn by the package itself from signed distance functions
(`course_utils/data/world/`): nothing to download, the same for everyone, and every cue is a knob.
This page and its pictures are written by `python benchmarks/world_card.py`.

![Eight pictures of each of the ten classes]({classes})

## What is in it

| | |
|---|---|
| classes | {class_names} |
| colours | {colours}: drawn for every class alike |
| plain backgrounds | {plains} |
| scenes | {scenes} |
| a thing | 60 to 95 % of the side, tilted up to 12 degrees, mirrored, stretched, textured, lit from any one side |
| in the way | something in front of a quarter of the things, a small toy beside half of them |
| licence | the package's (MIT); every picture is drawn by its code |

{facts}

`load("world")` gives these splits; no two share a picture, nor does any `world(n, seed)` with a small
seed share one with them. Sizes, seed and knobs are its options.

## The knobs

![The same ten things with the colour cue, the background cue, both, and both reversed]({cues})

`world(n, seed, size, colour_cue=rho, background_cue=rho)`: with probability rho a thing has its class's
own colour or background, otherwise any of the ten. So at 0 the cue tells nothing, at 1 everything, and
it agrees with probability rho + (1 - rho) / 10. `reverse=True` has it point to a wrong class.
`split.attributes` holds each picture's colour and background and whether they agree;
`groups(split, "background")` numbers class and agreement for the worst-group accuracy.

![Each class in the scene that is its own]({own})

`sample` gives the scenes before they are drawn, `scenes.with_(colour="red")` edits them, `render` draws
them. What isn't edited stays bit for bit as it was:

![Four things, each with its shape, its colour or its background replaced]({pairs})

## What a network makes of it

{table}

## Known limits

- Things are drawn from the front or the side; nothing turns in depth.
- Shadows and shading fall in any direction, so that "which way is up" can't be read from the light.
  The scenes have a horizon or a floor, and give it away.
- Colours are the palettes' own: a cat may be purple. Shape always tells the truth.
- A small class-coloured detail remains with the cue off: eyes, wheels, window panes and coffee have
  their own colours.
"""


def main() -> None:
    for make in (classes_sheet, scenes_sheet, cues_sheet, pairs_sheet):
        make()
    card = CARD.format(
        classes="world_classes.jpg",
        cues="world_cues.jpg",
        own="world_scenes.jpg",
        pairs="world_pairs.jpg",
        class_names=", ".join(CLASSES),
        colours=", ".join(COLOURS),
        plains=", ".join(PLAINS),
        scenes=", ".join(SCENES),
        facts=facts(data.load("world")),
        table=numbers("lecture1.md"),
    )
    (FOLDER / "world.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
