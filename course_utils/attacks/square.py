"""The square attack: random search that sees nothing of the network but its answers.

It needs no gradient, so a defence that only hides the gradient does not stop it.

[1] Andriushchenko, Croce, Flammarion, Hein: Square attack: a query-efficient black-box adversarial
    attack via random search, ECCV 2020, arXiv 1912.00049.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.modes import evaluating
from .gradient import Model
from .inputs import check_count, check_eps, check_images, check_labels, check_logits
from .norms import Linf, draw

FIRST_AREA = 0.8  # of the picture that the first squares cover; AutoAttack's choice
# After these queries of 10,000 the area is halved [1, section 4.1].
HALVED_AT = (10, 50, 200, 1000, 2000, 4000, 6000, 8000)


def square_attack(
    model: Model,
    x: Tensor,
    y: Tensor,
    eps: float,
    *,
    queries: int = 1000,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Paints squares of the extreme colours at random and keeps those that help [1, algorithms 1 and 2].

    An image that is misclassified is left as it is; the others start from vertical stripes, one pixel
    wide.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C); called without gradients.
        x: (N, 3, H, W) float in [0, 1].
        y: (N,) int64, the true labels.
        eps: L-infinity radius in pixel units (8/255).
        queries: how often each image may be shown to the model; the first two are the image as it is
            and its stripes.
        generator: of stripes and squares (default: torch's global one, on the CPU).

    Returns:
        (N, 3, H, W) in [0, 1], at most eps from x: of the pictures tried after the stripes, those that
        bring the true class closest to losing.

    Raises:
        ValueError: images, labels or settings that cannot be meant.
    """
    check_images(x, model)
    check_labels(y, x)
    check_eps(eps, Linf(), x)
    check_count("queries", queries, at_least=2)
    x = x.detach()
    with evaluating(model), torch.no_grad():
        clean = _margin(model, x, y)  # (N,)
        best = _stripes(x, eps, generator).where((clean > 0).view(-1, 1, 1, 1), x)
        margin = _margin(model, best, y)
        for query in range(2, queries):
            left = (margin > 0).nonzero()[:, 0]  # (M,) those not fooled yet
            if not len(left):
                break
            side = _side(x, query, queries)
            shown = _with_square(x[left], best[left], eps, side, generator)
            new = _margin(model, shown, y[left])
            better = new < margin[left]
            best[left[better]], margin[left[better]] = shown[better], new[better]
    return best


def _within(x: Tensor, signs: Tensor, eps: float) -> Tensor:
    """As far from x as is allowed, up where the sign is 1 and down where it is -1."""
    return (x + eps * signs).clamp(0, 1)


def _stripes(x: Tensor, eps: float, generator: torch.Generator | None) -> Tensor:
    """Every column of every channel as far up or down as is allowed."""
    n, channels, _, width = x.shape
    return _within(x, _signs((n, channels, 1, width), x, generator), eps)


def _with_square(
    x: Tensor, best: Tensor, eps: float, side: int, generator: torch.Generator | None
) -> Tensor:
    """The best images so far with a square each of one new extreme colour."""
    colour = _signs((*x.shape[:2], 1, 1), x, generator)
    return _within(x, colour, eps).where(_squares(len(x), side, x, generator), best)


def _margin(model: Model, x: Tensor, y: Tensor) -> Tensor:
    """(N,): by how much the true class' logit leads the best other one; at most 0 once it does not win."""
    logits = model(x)
    check_logits(logits, y)
    true = logits.gather(1, y[:, None])[:, 0]
    others = logits.scatter(1, y[:, None], -torch.inf)
    return true - others.amax(dim=1)


def _side(x: Tensor, query: int, queries: int) -> int:
    """The squares' side in pixels: their area is halved on the schedule, whatever the budget."""
    halvings = sum(query / queries * 10_000 > at for at in HALVED_AT)
    area = FIRST_AREA / 2**halvings
    height, width = x.shape[2:]
    return min(max(round((area * height * width) ** 0.5), 1), height, width)


def _squares(n: int, side: int, x: Tensor, generator: torch.Generator | None) -> Tensor:
    """(n, 1, H, W) bool: one square each, anywhere within the picture."""
    inside = []
    for length in x.shape[2:]:
        corner = (draw(torch.rand, (n, 1), x, generator) * (length - side + 1)).floor()
        offset = torch.arange(length, device=x.device) - corner  # (n, length)
        inside.append((offset >= 0) & (offset < side))
    rows, columns = inside
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _signs(shape: tuple[int, ...], x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Of +1 and -1 with equal chance."""
    return 2 * (draw(torch.rand, shape, x, generator) < 0.5).to(x) - 1
