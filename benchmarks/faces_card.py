"""Writes the faces' data card, data/faces.md, with its pictures: `python benchmarks/faces_card.py`."""

from pathlib import Path

import torch
from lecture2_faces import BLACK, FIRST, PAINTED_ON, SIZE, paint, shots
from recipes.faces import galleries
from world_card import sheet

from course_utils import data
from course_utils.data import Dataset, Split
from course_utils.data.faces import eyeglasses, render, sample, wear
from course_utils.models import Matcher, zoo

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "data"
SEED = 3485
LARGE = 112  # side of the pictures on the sheets
PAIRS = (
    (2, 11),
    (7, 16),
    (14, 5),
)  # (person, target) of the first gallery of the validation persons


def persons_sheet() -> None:
    portraits = sample(30, 1, SEED, glasses=0.0).aligned()
    sheet("faces_persons", render(portraits, LARGE), 10, [], [], "Thirty persons who don't exist")


def shots_sheet() -> None:
    portraits = sample(5, 10, SEED + 1, glasses=0.3)
    rows = [f"person {i}" for i in range(5)]
    sheet(
        "faces_shots", render(portraits, LARGE), 10, rows, [], "Ten shots of each of five persons"
    )


def glasses_sheet(validation: Split) -> None:
    """Unseen shots of persons bare, in a black frame and in a painted one, and the painted one's target."""
    enrolled, _ = galleries(validation)[0]
    matcher = Matcher.enrol(zoo.load("faces_encoder"), enrolled.images, enrolled.labels)
    drawn, names = [], []
    for person, target in PAIRS:
        generator = torch.Generator().manual_seed(SEED)
        seen, seen_pose = shots("validation", person, FIRST, PAINTED_ON)
        fresh, pose = shots("validation", person, FIRST + PAINTED_ON, 2)
        texture = paint(matcher, seen, seen_pose, target, generator)
        black = wear(fresh, torch.full_like(texture, BLACK), pose)
        x_adv = wear(fresh, texture, pose)
        drawn += [fresh[0], black[0], *x_adv, enrolled.images[enrolled.labels == target][0]]
        with torch.no_grad():
            taken_for = int(matcher(x_adv[:1]).argmax())
        names.append(f"{person} stays" if taken_for == person else f"{person} becomes {taken_for}")
    tops = ["bare", "black frame", "painted frame", "another shot", "the target"]
    title = "One painted frame, on shots that it was not painted for"
    sheet("faces_glasses", torch.stack(drawn), len(tops), names, tops, title)


def facts(faces: Dataset) -> str:
    def row(name: str, split: Split) -> str:
        mean, std = split.images.mean((0, 2, 3)), split.images.std((0, 2, 3))
        channels = ", ".join(
            f"{m:.3f} ± {s:.3f}" for m, s in zip(mean.tolist(), std.tolist(), strict=True)
        )
        worn = split.attributes["glasses"].float().mean()
        persons = len(split.labels.unique())
        return f"| {name} | {persons} | {len(split):,} | {100 * worn:.0f} % | {channels} |"

    lines = [
        "| split | persons | pictures | in glasses | red, green, blue: mean ± sd |",
        "|---|---|---|---|---|",
    ]
    parts = ("train", "validation", "test")
    return "\n".join(lines + [row(part, getattr(faces, part)) for part in parts])


def numbers() -> str:
    """The table that the benchmark wrote, without its title."""
    path = HERE / "results" / "lecture2_faces.md"
    if not path.is_file():
        raise SystemExit(f"{path} is missing: run benchmarks/lecture2_faces.py first")
    return path.read_text(encoding="utf-8").split("\n", 1)[1].strip()


CARD = """# The faces

Cartoon persons, drawn by the package itself from signed distance functions
(`course_utils/data/faces/`), for the experiment with the eyeglasses: nothing to download, and nobody's
picture. This page and its pictures are written by `python benchmarks/faces_card.py`.

![Thirty persons, looking straight at the camera](faces_persons.jpg)

## What is in it

| | |
|---|---|
| a person | skin, hair (14 heads of it, 12 colours), skull, jaw and chin, ears, eyes, brows, nose, mouth, cheeks, freckles, mole, beard, earrings: all from one key |
| a shot | turned up to 20 degrees, nodding up to 13, tilted up to 11, nearer or further by a twelfth, from sad to laughing, gaze, light from any side, exposure, contrast, clothes, background, grain, now and then ordinary glasses: from another key |
| label | the person |
| licence | the package's (MIT); every picture is drawn by its code |

{facts}

`load("faces")` gives these splits. **No person is in two of them**: the test split asks whether strangers
are told apart, and labels count the persons through. No `faces(n, shots, seed)` with a small seed shares
a person with them. Persons, shots, size and seed are its options.

![Ten shots of each of five persons](faces_shots.jpg)

## The glasses

`eyeglasses(size)` is the mask of a frame on a face that looks straight at the camera: at {size} pixels it
covers {area:.1f} % of the picture. `wear(x, texture, pose)` puts one painted frame on many faces; it
follows the head, is seen by the shot's own camera, and changes no pixel outside the frame.
`split.attributes["pose"]` holds each picture's pose.

![Persons as they are, in a black frame, in a painted frame, and whom that makes them](faces_glasses.jpg)

The pictures show validation persons and `zoo.load("faces_encoder")`.

## What a network makes of it

{table}

## Known limits

- A head turns as cartoons do: its features slide and narrow. Beyond half a right angle that would show.
- A frame is flat and lies before the eyes; it casts no shadow, and it is not lit, only exposed.
- Hair and skin are drawn independently, so that nothing else tells them: there is no likeness to any
  population, and no conclusion about real faces to be drawn from error rates.
- Two persons may look alike, as in life.
- The frame is broad: the one in the paper (Sharif et al. 2016) covers 6.5 % of a face's picture. In first
  trials with a frame of that share fewer pictures reached their target, probably because this encoder
  averages its maps over the whole picture, so that what is small counts little.
- A frame painted for many shots of a person at once often fails: the table's rows "physical". More shots
  to paint on, more views a step and a smaller last step changed little on the validation persons; some
  pairs work on every unseen shot, others on few.
"""


def main() -> None:
    torch.set_num_threads(1)
    faces = data.load("faces")
    persons_sheet()
    shots_sheet()
    glasses_sheet(faces.validation)
    card = CARD.format(
        facts=facts(faces),
        size=SIZE,
        area=100 * float(eyeglasses(SIZE).mean()),
        table=numbers(),
    )
    (FOLDER / "faces.md").write_text(card, encoding="utf-8")
    print(card)


if __name__ == "__main__":
    main()
