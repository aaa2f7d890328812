"""The picture at the top of the README: `python benchmarks/readme_picture.py` writes docs/images/panda.png.

Of fifty mushrooms it shows the one on which the network is the surest of its mistake.
"""

from pathlib import Path

import torch

from course_utils import attacks, models, plots
from course_utils.data.world import CLASSES, world

OUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "panda.png"
EPS = 8 / 255


def main() -> None:
    model = models.zoo.load("world_classifier")
    mushrooms = world(50, seed=1, labels="mushroom")
    fooled = attacks.fgsm(model, mushrooms.images, mushrooms.labels, EPS)
    says = plots.confidences(model, fooled)  # (50, 10)
    says[torch.arange(50), mushrooms.labels] = 0
    best = mushrooms[says.amax(dim=1).argmax()[None]]
    x, y = best.images, best.labels
    direction = attacks.input_gradient(model, x, y).sign()
    picture = plots.panda(model, x, direction, EPS, CLASSES, truth=int(y))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(picture.png())
    print(f"{OUT.name}: {picture.alt}")


if __name__ == "__main__":
    main()
