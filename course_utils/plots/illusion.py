"""A still picture that seems to move, drawn from its formula, for the page beside an adversarial image."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.plots.picture import Picture, draw_image, new, styled

# Round a ring the steps go dark, darker mid-tone, light, lighter mid-tone. The order is what drives the
# illusion: turn it round and the disc drifts the other way; make it symmetric and it stands still.
BLACK, BLUE, WHITE, YELLOW = (
    (0.03, 0.03, 0.05),
    (0.13, 0.27, 0.72),
    (1.0, 1.0, 1.0),
    (0.86, 0.80, 0.16),
)
SHARES = (0.18, 0.32, 0.18, 0.32)  # of one period, in the order above
GROUND = (0.62, 0.66, 0.60)


def drifting_discs(
    rows: int = 2,
    columns: int = 2,
    disc: int = 240,
    *,
    periods: int = 10,
    rings: int = 7,
    drift: bool = True,
) -> Tensor:
    """Discs of stepped rings that seem to turn when seen from the corner of the eye.

    Args:
        rows, columns: number of discs; neighbours turn opposite ways.
        disc: side of one disc's square, in pixels.
        periods: how often the four tones come round a ring.
        rings: number of rings, each wider than the one inside it by a constant factor.
        drift: False puts the same four tones in a symmetric order, which stands still: the control.

    Returns:
        (3, rows * disc, columns * disc) float32 in [0, 1].

    The effect is the peripheral drift illusion (Fraser and Wilcox 1979, Nature 281; Kitaoka and Ashida 2003).
    """
    bands = []
    for row in range(rows):
        turned = [1 if (row + column) % 2 == 0 else -1 for column in range(columns)]
        bands.append(torch.cat([_disc(disc, way, periods, rings, drift) for way in turned], dim=2))
    return torch.cat(bands, dim=1)


def _disc(side: int, way: int, periods: int, rings: int, drift: bool, fine: int = 3) -> Tensor:
    half = torch.linspace(-1, 1, side * fine)
    y, x = torch.meshgrid(half, half, indexing="ij")
    radius, angle = torch.hypot(x, y), torch.atan2(y, x)
    outer, inner = 0.95, 0.10
    depth = torch.log(outer / radius.clamp(min=1e-6)) / math.log(outer / inner) * rings
    ring = depth.floor()
    # Every other ring starts half a period later, so that no spokes line up.
    phase = (way * angle / (2 * math.pi) * periods + 0.5 * (ring % 2)).remainder(
        1.0
    )  # (side, side) in [0, 1)
    tones, shares = ((BLACK, BLUE, WHITE, YELLOW), SHARES)
    if not drift:
        tones = (BLACK, BLUE, WHITE, BLUE)
    edges = torch.tensor(shares).cumsum(0)
    index = torch.bucketize(phase, edges[:-1], right=True)
    pixels = torch.tensor(tones)[index].permute(2, 0, 1)  # (3, side, side)
    outside = (radius > outer) | (radius < inner)
    pixels[:, outside] = torch.tensor(GROUND).view(3, 1)
    return torch.nn.functional.avg_pool2d(pixels[None], fine)[0]


@styled
def two_illusions(ours: Tensor, theirs: Tensor, caption: str) -> Picture:
    """An illusion for people beside one for a network.

    Args:
        ours: (3, H, W) in [0, 1], from `drifting_discs`.
        theirs: (3, H, W) in [0, 1], an adversarial image.
        caption: what the network says of it.
    """
    title = "Two still pictures: one fools most people, the other fools the network"
    alt = (
        "Left: discs of black, blue, white and yellow steps in rings; nothing in the picture moves, but to most "
        f"people the discs seem to turn slowly. Right: an adversarial image. {caption.replace(chr(10), ', ')}."
    )
    picture = new(10, 5.95, title=title, alt=alt, fixed=True)
    left, right = picture.subplots(
        1,
        2,
        gridspec_kw={"left": 0.01, "right": 0.99, "top": 0.885, "bottom": 0.09, "wspace": 0.03},
    )
    draw_image(left, ours, title="for you")
    left.set_xlabel("look at the text, not at the discs:\ndo they turn?", fontsize=12)
    draw_image(right, theirs, title="for the network")
    right.set_xlabel(caption, fontsize=12)
    return picture
