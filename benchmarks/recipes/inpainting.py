"""A network that fills holes: the world's inpainter."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils import data
from course_utils.data import Split
from course_utils.models import UNet
from course_utils.selfsup.inpainting import (
    bilinear_fill,
    hole_mask,
    inpaint,
    inpainting,
    inpainting_loss,
    mean_fill,
)
from course_utils.training import fit
from recipes.recipe import Recipe, Trained

# Chosen on validation pictures, by the error in holes of 16 pixels after equal times. Small batches make
# many updates; three holes a picture teach more than one, at the same price.
WIDTH, EPOCHS, BATCH_SIZE, LR, HOLES = 16, 10, 16, 5e-3, 3
FRACTIONS = (0.03, 0.3)  # of the area: holes from 8 to 26 pixels wide
HOLE = 1 / 9  # of the area, 16 pixels wide: the size at which fills are compared


def holes(split: Split, fraction: float = HOLE) -> Tensor:
    """One hole a picture, the same whenever they are asked for."""
    chance = torch.Generator().manual_seed(6)
    return hole_mask(len(split), split.pixels.shape[-1], fraction, chance)


def fills(model: nn.Module, x: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """Who fills the hole -> the filled pictures."""
    return {
        "network": torch.cat(
            [inpaint(model, *pair) for pair in zip(x.split(250), mask.split(250), strict=True)]
        ),
        "bilinear": bilinear_fill(x, mask),
        "mean of the visible pixels": mean_fill(x, mask),
    }


def rms(fill: Tensor, x: Tensor, mask: Tensor) -> float:
    """Root mean squared error inside the holes, as a fraction of the pixel range."""
    return float(inpainting_loss(fill, x, mask)) ** 0.5


def train(seed: int) -> Trained:
    torch.manual_seed(seed)
    model = UNet(4, 3, WIDTH)
    # The first fills are the straight lines alone, not those and noise.
    nn.init.zeros_(model.leave.weight)
    nn.init.zeros_(model.leave.bias)
    world = data.load("world")
    assert world.unlabelled is not None
    history = fit(
        model,
        world.unlabelled,
        world.validation,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        lr=LR,
        objective=inpainting(FRACTIONS, HOLES),
        seed=seed,
    )
    x, mask = world.validation.images, holes(world.validation)
    figures = {
        f"error in holes of 16 x 16 pixels, {who}, RMS as a share of the pixel range, validation": rms(
            fill, x, mask
        )
        for who, fill in fills(model, x, mask).items()
    }
    return Trained(model, history, figures)


RECIPES = (
    Recipe(
        name="world_inpainting",
        purpose="It fills holes: given a picture with a hole and where the hole is, it says which colours "
        "were there. Trained without a label, by the squared error alone: its fills are blurred.",
        classes=(),
        data='`load("world").unlabelled`: 8,000 pictures of 48 x 48, plain backgrounds',
        training=f"{HOLES} square holes a picture, their sides uniform between those of {100 * FRACTIONS[0]:g} % "
        f"and {100 * FRACTIONS[1]:g} % of the area, others each time; mean squared error inside the holes "
        "(Pathak et al. 2016, arXiv 1604.07379, without the adversarial loss); AdamW, one-cycle "
        f"learning rate up to {LR:g}, batches of {BATCH_SIZE}, {EPOCHS} epochs",
        results="benchmarks/results/beyond.md",
        train=train,
        returns="what to add to the colours (N, 3, H, W). The images have four channels: RGB with straight lines "
        "of colour across the hole, and the mask, 1 where a pixel is missing; `selfsup.inpaint` does it all",
        sources=("selfsup/inpainting.py", "models/unet.py"),
    ),
)
