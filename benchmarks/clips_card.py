"""Writes the clips' data card, data/clips.md, with its pictures: `python benchmarks/clips_card.py`."""

import matplotlib

matplotlib.use("Agg")

import torch
from torch import Tensor
from world_card import FOLDER, facts, sheet

from course_utils import data
from course_utils.data.clips import Clips, clips, sample_motions
from course_utils.data.clips.motion import VIVID
from course_utils.data.world import COLOURS

SEED = 3485
SIDE = 96
SHOWN = 8  # clips on a sheet
LEVELS = 32  # of grey, in which the first frame's colours are looked up


def grey(pictures: Tensor) -> Tensor:
    """(…, 3, H, W) -> (…, 1, H, W), the luma of ITU-R BT.601."""
    weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    return (pictures * weights).sum(-3, keepdim=True)


def films_sheets(films: Clips) -> None:
    """Some clips as they come, in grey, and with what moves marked."""
    images = films.images  # (N, T, 3, H, W)
    marked = torch.where(films.thing[:, :, None], images, grey(images) * 0.35)
    frames = [f"frame {t + 1}" for t in range(films.frames)]
    sheets = {
        "films": (images, "Eight clips: things glide, turn and grow while the camera pans"),
        "grey": (grey(images).expand_as(images), "The same in grey: which colour was it?"),
        "things": (marked, "The same, in colour what moves: the mask that comes with each frame"),
    }
    for name, (pictures, title) in sheets.items():
        sheet(f"clips_{name}", pictures.flatten(0, 1), films.frames, [], frames, title)


def rms(difference: Tensor) -> float:
    return float(difference.square().mean().sqrt())


def same_grey(luma: Tensor, chroma: Tensor, t: int) -> Tensor:
    """Each pixel of frame t given the mean colour that its grey has in its clip's first frame: (N, 3, H, W)."""
    level = (luma * LEVELS).long()  # (N, T, H, W)
    guessed = []
    for clip in range(len(level)):
        first = level[clip, 0].flatten()
        total = torch.zeros(LEVELS + 1, 3).index_add_(0, first, chroma[clip, 0].flatten(1).T)
        mean = total / first.bincount(minlength=LEVELS + 1).clamp(min=1)[:, None]
        guessed.append(mean[level[clip, t]].permute(2, 0, 1))
    return torch.stack(guessed)


def in_place(thing: Tensor, t: int) -> float:
    """Mean overlap (intersection over union) of the first frame's mask with frame t's."""
    first, now = thing[:, 0], thing[:, t]
    return float(((first & now).sum((1, 2)) / (first | now).sum((1, 2))).mean())


def difficulty(films: Clips) -> str:
    """What needs no learning, frame by frame."""
    luma = grey(films.images)
    chroma = films.images - luma
    rows = {"no colour": [], "first frame's colours": [], "same grey's colours": [], "mask": []}
    for t in range(1, films.frames):
        rows["no colour"].append(f"{rms(chroma[:, t]):.3f}")
        rows["first frame's colours"].append(f"{rms(chroma[:, t] - chroma[:, 0]):.3f}")
        guess = same_grey(luma[:, :, 0], chroma, t)
        rows["same grey's colours"].append(f"{rms(chroma[:, t] - guess):.3f}")
        rows["mask"].append(f"{in_place(films.thing, t):.2f}")
    names = {
        "no colour": "error of the colour, left grey",
        "first frame's colours": "error, the first frame's colours left in place",
        "same grey's colours": "error, each grey in the mean colour that it has in the first frame",
        "mask": "overlap of the first frame's mask, left in place",
    }
    head = " | ".join(f"frame {t + 1}" for t in range(1, films.frames))
    lines = [f"| | {head} |", "|---|" + "---|" * (films.frames - 1)]
    return "\n".join(
        lines + [f"| {names[name]} | {' | '.join(row)} |" for name, row in rows.items()]
    )


def movement(films: int, frames: int) -> str:
    """How far things and camera go, in pixels of 48, over many clips."""
    motions = sample_motions(films, SEED, frames)
    centre = motions.front.centre.view(films, frames, 2)
    ways = {
        "a thing's way in the picture": (centre[:, -1] - centre[:, 0]).norm(dim=1) * 24,
        "the camera's way": (motions.camera[:, -1] - motions.camera[:, 0]).norm(dim=1) * 24,
        "the longest step of a thing": centre.diff(dim=1).norm(dim=2).amax(1) * 24,
    }
    sizes, tilts = (getattr(motions.front, name).view(films, frames) for name in ("size", "tilt"))
    turned = (tilts[:, -1] - tilts[:, 0]).abs().rad2deg()
    grown = sizes[:, -1] / sizes[:, 0]
    lines = [
        f"| {name} | {way.min():.0f} to {way.max():.0f} pixels |" for name, way in ways.items()
    ]
    lines += [
        f"| a thing turns | {turned.min():.0f} to {turned.max():.0f} degrees |",
        f"| a thing's size at the end | {100 * grown.min():.0f} to {100 * grown.max():.0f} % of that at the start |",
    ]
    return "\n".join(["| over the 8 frames | |", "|---|---|", *lines])


CARD = """# Clips

Short moving scenes, drawn by the package itself from the world's things (`course_utils/data/clips/`):
nothing to download. One or two things glide, turn and grow over a ground while the camera pans; they are
for learning from time, as by colouring a grey clip from its first frame.
This page and its pictures are written by `python benchmarks/clips_card.py`.

![Eight clips of eight frames each]({films_sheet})

## What is in it

| | |
|---|---|
| a clip | 8 frames of 48 x 48 pixels |
| clips | {counts} |
| classes | the world's ten, of the thing in front |
| colours | {colours}: drawn for every class alike, never the same for the two things of a clip |
| grounds | the world's plain backgrounds in one clip of three, its scenes in the others |
| licence | the package's (MIT); every picture is drawn by its code |

A frame is one picture, those of a clip lie one after another:

{facts}

`load("clips")` gives these splits; no two share a clip, nor does any `clips(n, seed)` with a small seed
share one with them. Each frame comes with the number of its clip, its time, and the mask of what moves:

![The same clips, grey but for what moves]({things_sheet})

`Clips(split)` puts the frames together: `images` is (N, T, 3, H, W), `thing` (N, T, H, W), `batches` what
a training takes, and a slice of it chooses among clips.

## How things move

{movement}

Ways are straight, a little slower at one end. Things start on opposite sides and may cross: the one in
front hides the other. The camera moves by parts of a pixel; its grain is new in each frame.

## What is hard about it

![The same clips in grey]({grey_sheet})

Things and ground are brought to nearly the same brightness, so that grey alone does not tell a colour. On
the {validation} validation clips, without any learning (the error is the root mean square of the
colour's distance from its grey, in the pixel range from 0 to 1):

{difficulty}

What a network makes of it is measured in `benchmarks/results/beyond.md`.

## Known limits

- Nothing turns in depth, bends or walks: a thing is a flat picture that is moved.
- Grounds stand still: no wave rolls, no rain falls.
- The camera shifts; it neither turns nor zooms.
- The weak mottle of a thing's paint stays where it is in the picture while the thing moves below it.
- One mask for all that moves: it does not tell which of two things a pixel belongs to.
"""


def main() -> None:
    dataset = data.load("clips")
    parts = {name: Clips(getattr(dataset, name)) for name in ("train", "validation", "test")}
    films_sheets(Clips(clips(SHOWN, SEED, SIDE)))
    card = CARD.format(
        films_sheet="clips_films.jpg",
        grey_sheet="clips_grey.jpg",
        things_sheet="clips_things.jpg",
        counts=", ".join(f"{len(part)} {name}" for name, part in parts.items()),
        colours=", ".join(COLOURS[i] for i in VIVID),
        facts=facts(dataset),
        movement=movement(10_000, parts["train"].frames),
        validation=len(parts["validation"]),
        difficulty=difficulty(parts["validation"]),
    )
    (FOLDER / "clips.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
