"""What fills a hole best: the network, straight lines across it, or the mean of the visible pixels."""

from __future__ import annotations

from recipes.inpainting import HOLE, fills, holes, rms
from tables import Rows, network

from course_utils import data
from course_utils.selfsup.inpainting import gradient_energy, neighbour_fill

WIDTHS = {8: 1 / 36, 24: 1 / 4}  # of further holes, in pixels -> fraction of the area
MANY = 10  # pictures to average; on validation pictures 3 are worse and 30 no better

ABOUT = (
    "Inpainting: root mean squared error inside one square hole a picture, 16 x 16 of 48 x 48 pixels at a "
    "random place, as a share of the pixel range, on the test pictures of the world; below it holes of 8 "
    "and of 24 pixels. Bilinear: straight lines of colour across the hole; the network adds to these. "
    "Pictures that fit: of the 8,000 it was trained on, those that differ least along a ring of 3 pixels "
    "around the hole. Gradient energy: the mean squared difference of neighbouring pixels inside the hole, "
    "as a share of the true picture's: how sharp the fill is."
)


def measure(seed: int) -> Rows:
    """'inpainting: who' -> root mean squared error in the hole, a fraction of the pixel range."""
    model, world = network("world_inpainting", seed), data.load("world")
    assert world.unlabelled is not None
    x, others = world.test.images, world.unlabelled.images
    rows: Rows = {}
    sharp: Rows = {}
    for width, fraction in {16: HOLE, **WIDTHS}.items():
        mask = holes(world.test, fraction)
        filled = fills(model, x, mask)
        task = f"inpainting, holes of {width} pixels"
        if fraction == HOLE:
            task = "inpainting"
            filled["the picture that fits best"] = neighbour_fill(x, mask, others)
            mean = f"mean of the {MANY} pictures that fit best"
            filled[mean] = neighbour_fill(x, mask, others, MANY)
        truth = gradient_energy(x, mask)
        for who, fill in filled.items():
            rows[f"{task}: {who}"] = rms(fill, x, mask)
            sharp[f"{task}, gradient energy: {who}"] = float(gradient_energy(fill, mask) / truth)
    return rows | sharp
