"""Projected gradient descent, the attack that the others are measured by.

[1] Madry, Makelov, Schmidt, Tsipras, Vladu: Towards deep learning models resistant to adversarial
    attacks, ICLR 2018, arXiv 1706.06083, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..models.modes import evaluating
from .gradient import Model, losses, losses_and_gradient
from .inputs import check_eps, check_images, check_labels, check_steps
from .norms import Linf, Norm

OnStep = Callable[[int, Tensor, Tensor], object]
Move = Callable[[Tensor, Tensor], Tensor]


def pgd(
    model: Model,
    x: Tensor,
    y: Tensor,
    eps: float,
    *,
    norm: Norm = Linf(),  # noqa: B008
    step_size: float | None = None,
    steps: int = 20,
    random_start: bool = True,
    restarts: int = 1,
    targeted: bool = False,
    generator: torch.Generator | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """Many small steps up the loss, each brought back into the eps-ball around x and into [0, 1].

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        x: (N, 3, H, W) float in [0, 1].
        y: (N,) int64: the true labels, or with `targeted` the wanted ones.
        eps: radius of the ball in pixel units (8/255 for Linf(); 0.5 is a usual one for L2()).
        norm: Linf() or L2().
        step_size: length of a step in pixel units. Default: 2.5 eps / steps, enough to cross the ball
            from any start and to turn round at its edge [1, appendix on L2 attacks].
        steps: how many steps; 0 returns the start.
        random_start: begin at a random point of the ball instead of at x.
        restarts: attack this often from new random starts, and keep for each image the strongest
            result: one that fools the model before one that does not, then the one with more loss.
        targeted: go down the loss of y instead of up.
        generator: where the random starts come from (a CPU generator serves any device).
        on_step: called as on_step(i, x_adv, loss) with the picture after i steps, i = 0 … steps, and
            its cross-entropy (N,); costs one forward pass more.

    Returns:
        (N, 3, H, W) adversarial images in [0, 1], at most eps from x.

    Raises:
        ValueError: images, labels or settings that cannot be meant.
    """
    check_images(x, model)
    check_labels(y, x, "target labels" if targeted else "labels")
    check_eps(eps, norm, x)
    check_steps(steps, step_size, restarts, random_start)
    if step_size is None:
        step_size = 2.5 * eps / max(steps, 1)
    x = x.detach()
    uphill = -step_size if targeted else step_size

    def inside(x_adv: Tensor) -> Tensor:
        return (x + norm.project(x_adv - x, eps)).clamp(0, 1)

    def move(x_adv: Tensor, gradient: Tensor) -> Tensor:
        return inside(x_adv + norm.step(gradient, uphill))

    def ascend() -> Tensor:
        start = inside(x + norm.random(x, eps, generator)) if random_start else x.clone()
        return climb(model, start, y, move, steps, on_step)

    with evaluating(model):
        best = ascend()
        for _ in range(restarts - 1):
            best = _stronger(model, best, ascend(), y, targeted)
    return best


def climb(
    model: Model, x: Tensor, y: Tensor, move: Move, steps: int, on_step: OnStep | None
) -> Tensor:
    """The loop of every attack by steps: look at the gradient, show where we are, move.

    The model must be in eval mode; `move` gets (images, gradient of their loss) and returns new images.
    """
    for i in range(steps):
        loss, gradient = losses_and_gradient(model, x, y)
        if on_step is not None:
            on_step(i, x.clone(), loss)
        x = move(x, gradient)
    if on_step is not None:
        on_step(steps, x.clone(), losses(model, x, y)[0])
    return x


def _stronger(model: Model, first: Tensor, second: Tensor, y: Tensor, targeted: bool) -> Tensor:
    """Of two attacks on the same images, for each image the one that does more."""
    (loss_1, as_y_1), (loss_2, as_y_2) = losses(model, first, y), losses(model, second, y)
    if targeted:
        fools_1, fools_2, gain = as_y_1, as_y_2, loss_1 - loss_2
    else:
        fools_1, fools_2, gain = ~as_y_1, ~as_y_2, loss_2 - loss_1
    better = (fools_2 & ~fools_1) | ((fools_2 == fools_1) & (gain > 0))  # (N,)
    return torch.where(better.view(-1, 1, 1, 1), second, first)
