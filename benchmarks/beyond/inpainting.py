"""What fills a hole best: the network, straight lines across it, or the mean of the visible pixels."""

from __future__ import annotations

import torch
from recipes.inpainting import HOLE, WIDTH, fills, holes, rms
from tables import Rows, network
from torch import Tensor, nn

from course_utils import data
from course_utils.data import Dataset
from course_utils.models import UNet
from course_utils.selfsup.evaluation import LINEAR, downstream
from course_utils.selfsup.inpainting import gradient_energy, neighbour_fill

WIDTHS = {8: 1 / 36, 24: 1 / 4}  # of further holes, in pixels -> fraction of the area
PER_CLASS = 10  # labels of the probe
MANY = 10  # pictures to average; on validation pictures 3 are worse and 30 no better

ABOUT = (
    "Inpainting: root mean squared error inside one square hole a picture, 16 x 16 of 48 x 48 pixels at a "
    "random place, as a share of the pixel range, on the test pictures of the world; below it holes of 8 "
    "and of 24 pixels. Bilinear: straight lines of colour across the hole; the network adds to these. "
    "Pictures that fit: of the 8,000 it was trained on, those that differ least along a ring of 3 pixels "
    "around the hole. Gradient energy: the mean squared difference of neighbouring pixels inside the hole, "
    "as a share of the true picture's: how sharp the fill is. Linear probe: accuracy with "
    f"{PER_CLASS} labels a class, as in the tables of lectures 3 to 5, on the network's lowest maps, averaged "
    "over the picture."
)


class Bottleneck(nn.Module):
    """What the lowest maps of an inpainting network say of a picture without a hole.

    Pictures (N, 3, H, W) in [0, 1] -> features (N, 4 width).
    """

    def __init__(self, model: UNet) -> None:
        super().__init__()
        self.model = model
        self.feature_dim = 4 * model.width

    def forward(self, x: Tensor) -> Tensor:
        seen: list[Tensor] = []
        hook = self.model.down[-1].register_forward_hook(lambda _, x, y: seen.append(y))
        self.model(torch.cat([x, torch.zeros_like(x[:, :1])], dim=1))
        hook.remove()
        return seen[0].mean(dim=(2, 3))


def probed(model: nn.Module, world: Dataset) -> float:
    assert isinstance(model, UNet)
    found = downstream(Bottleneck(model), world, per_class=(PER_CLASS,), measures=(LINEAR,))
    return found.mean(LINEAR, PER_CLASS)


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
    torch.manual_seed(seed)
    untrained = UNet(4, 3, WIDTH).eval()
    probe = f"inpainting, linear probe with {PER_CLASS} labels a class"
    worth = {f"{probe}: network": probed(model, world)}
    return rows | sharp | worth | {f"{probe}: untrained network": probed(untrained, world)}
