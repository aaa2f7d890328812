"""What fills a hole best: the network, straight lines across it, or the mean of the visible pixels."""

from __future__ import annotations

from recipes.inpainting import HOLE, fills, holes, rms
from tables import Rows, network

from course_utils import data
from course_utils.selfsup.inpainting import gradient_energy

WIDTHS = {8: 1 / 36, 24: 1 / 4}  # of further holes, in pixels -> fraction of the area

ABOUT = (
    "Inpainting: root mean squared error inside one square hole a picture, 16 x 16 of 48 x 48 pixels at a "
    "random place, as a share of the pixel range, on the test pictures of the world; below it holes of 8 "
    "and of 24 pixels. Gradient energy: the mean squared difference of neighbouring pixels inside the hole, "
    "as a share of the true picture's: how sharp the fill is."
)


def measure(seed: int) -> Rows:
    """'inpainting: who' -> root mean squared error in the hole, a fraction of the pixel range."""
    model = network("world_inpainting", seed)
    split = data.load("world").test
    x = split.images
    rows: Rows = {}
    sharp: Rows = {}
    for width, fraction in {16: HOLE, **WIDTHS}.items():
        mask = holes(split, fraction)
        task = "inpainting" if fraction == HOLE else f"inpainting, holes of {width} pixels"
        filled = fills(model, x, mask)
        rows |= {f"{task}: {who}": rms(fill, x, mask) for who, fill in filled.items()}
        truth = gradient_energy(x, mask)
        for who in ("network", "bilinear"):
            energy = float(gradient_energy(filled[who], mask) / truth)
            sharp[f"{task}, gradient energy: {who}"] = energy
    return rows | sharp
