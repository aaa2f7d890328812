"""Writes the road signs' data card, data/signs.md, with its pictures: `python benchmarks/signs_card.py`."""

import math

import matplotlib

matplotlib.use("Agg")

import torch
from lecture2_signs import stop_sign, turtle
from torch import Tensor
from world_card import FOLDER, HERE, facts, sheet

from course_utils import data
from course_utils.data.signs import (
    BACKGROUNDS,
    CLASSES,
    RANGES,
    Poses,
    frontal,
    index_of,
    plate,
    sample_poses,
    signs,
    stickers,
    view,
)
from course_utils.models import zoo

SEED = 3485
SIDE = 112
WALL = (0.62, 0.70, 0.66)


def hung(texture: Tensor, alpha: Tensor) -> Tensor:
    """A plate alone before an even wall: (3, S, S)."""
    return texture * alpha + torch.tensor(WALL)[:, None, None] * (1 - alpha)


def plates_sheet() -> None:
    """The plates, and in the second row where stickers may go."""
    bare = [plate(name, 192) for name in CLASSES]
    green = torch.tensor((0.1, 0.85, 0.3))[:, None, None]
    stuck = [
        (torch.where(stickers(name, 192) > 0, green, texture), alpha)
        for name, (texture, alpha) in zip(CLASSES, bare, strict=True)
    ]
    sheet(
        "signs_plates",
        torch.stack([hung(*one) for one in (*bare, *stuck)]),
        10,
        ["plates", "stickers"],
        list(CLASSES),
        "The ten plates, and where stickers may go on them",
    )


def classes_sheet() -> None:
    names = [name for name in CLASSES for _ in range(8)]
    sheet(
        "signs_classes",
        signs(len(names), SEED, SIDE, labels=names).images,
        8,
        list(CLASSES),
        [],
        "The ten signs as they come: any pose, light and place",
    )


def knobs() -> dict[str, Poses]:
    """One quantity of a pose changed step by step, nine steps each."""
    still = frontal(9, distance=1.5).with_(background="street")
    still = still.with_(key=still.key[:1])
    swept = {
        name: still.with_(**{name: torch.linspace(*RANGES[name], 9)})
        for name in ("yaw", "pitch", "roll", "distance", "exposure", "warmth")
    }
    tilted = still.with_(yaw=0.5, pitch=0.2)
    swept["light"] = tilted.with_(light=torch.linspace(0, 2 * math.pi, 10)[:9])
    swept["background"] = still.with_(background=torch.arange(9) % len(BACKGROUNDS))
    return swept


def knobs_sheet() -> None:
    poses = knobs()
    drawn = [view(*plate("stop"), pose, SIDE) for pose in poses.values()]
    sheet(
        "signs_knobs",
        torch.cat(drawn),
        9,
        list(poses),
        [],
        "A stop sign, one quantity of its pose changed at a time",
    )


def painted_sheet() -> None:
    """Paint against the zoo's network, in poses that neither it nor the attack has seen."""
    model = zoo.load("signs_classifier")
    poses = sample_poses(8, SEED)
    painted = {
        "turtles, EOT": ("speed limit 80", turtle(model, "speed limit 80", True, 0)),
        "turtles, one view": ("speed limit 80", turtle(model, "speed limit 80", False, 0)),
        "stop, stickers": ("speed limit 50", stop_sign(model, "speed limit 50", 0)),
    }
    rows, drawn = [], []
    for how, (target, part) in painted.items():
        with torch.no_grad():
            hits = int((model(view(*part, poses)).argmax(dim=1) == index_of(target)).sum())
        rows.append(f"{how}:\n{hits} of 8")
        drawn.append(view(*part, poses, SIDE))
    sheet(
        "signs_painted",
        torch.cat(drawn),
        8,
        rows,
        [],
        "Painted to read as a speed limit: how many of these unseen views the network takes for it",
    )


def numbers() -> str:
    path = HERE / "results" / "lecture2_signs.md"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: run benchmarks/lecture2_signs.py first")
    return path.read_text(encoding="utf-8").split("\n", 1)[1].strip()


def ranges() -> str:
    low, high = RANGES["distance"]
    return "\n".join(
        [
            "| quantity | drawn from |",
            "|---|---|",
            *(
                f"| {name} | {math.degrees(RANGES[name][0]):.0f} to {math.degrees(RANGES[name][1]):.0f} degrees |"
                for name in ("yaw", "pitch", "roll", "light")
            ),
            f"| distance | {low:g} to {high:g}: the plate is {100 / high:.0f} to {100 / low:.0f} % of the side wide |",
            "| shift | anywhere, as long as the plate, seen frontally, stays inside |",
            *(
                f"| {name} | {RANGES[name][0]:g} to {RANGES[name][1]:g} |"
                for name in ("exposure", "warmth")
            ),
            f"| background | {', '.join(BACKGROUNDS)} |",
        ]
    )


CARD = """# Road signs

Ten road signs on their posts, drawn by the package itself (`course_utils/data/signs/`): nothing to
download. A sign is a flat plate that turns, recedes and changes light before the world's scenes, and
its paint is a tensor that an attack can change.
This page and its pictures are written by `python benchmarks/signs_card.py`.

![Eight pictures of each of the ten signs]({classes})

## What is in it

| | |
|---|---|
| classes | {class_names} |
| licence | the package's (MIT); every picture is drawn by its code |

{facts}

`load("signs")` gives these splits; no two share a pose, nor does any `signs(n, seed)` with a small seed
share one with them. Each picture comes with its yaw, pitch, roll, distance, exposure and background.

## Plates and stickers

![The ten plates from the front, and the two bars on each that stickers may cover]({plates})

`plate(name, size)` is the paint (3, S, S) and the outline (1, S, S); `stickers(name, size)` marks two bars
of less than a fifth of the plate, which leave the sign's own picture free.

## Poses

![A stop sign with one quantity of its pose changed step by step]({knobs})

{ranges}

`sample_poses(n, seed)` draws them; a number or a range holds or narrows any of them, and
`poses.with_(yaw=0.3)` edits them. `view(texture, alpha, poses, size)` is differentiable in the texture:
a homography for each picture, and the plate read from a copy about as coarse as the picture is.
`viewer(alpha)` makes of all this the `views(texture, n, generator)` that `attacks.eot_attack` asks for.

## What a network makes of it

![A repainted turtles' plate and a stop sign with stickers from eight sides]({painted})

Painted against the zoo's network (speed limit 80 for the turtles, 50 for the stop sign), in poses that
neither it nor the attack has seen. The pictures are drawn finer than those that the network reads.

{table}

## Known limits

- Networks find these signs easy, and are harder to fool than on the world's pictures: one sign has one
  shape and one set of paints, and the same paint must work for every pose. So the paint on the turtles'
  plate may go far; how often a red sign becomes a blue one differs from network to network.
- Plates are new: no rust, no dirt, no leaves in front of them. Two pictures of one sign differ in
  pose, light, place and grain only.
- The plate throws no shadow and mirrors nothing; the light's strength and tint are the whole picture's.
- One country's signs; a priority road, a turn or a crossing looks otherwise elsewhere.
"""


def main() -> None:
    for make in (plates_sheet, classes_sheet, knobs_sheet, painted_sheet):
        make()
    card = CARD.format(
        classes="signs_classes.jpg",
        plates="signs_plates.jpg",
        knobs="signs_knobs.jpg",
        painted="signs_painted.jpg",
        class_names=", ".join(CLASSES),
        facts=facts(data.load("signs")),
        ranges=ranges(),
        table=numbers(),
    )
    (FOLDER / "signs.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
