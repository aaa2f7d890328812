"""Expectation over transformation: an attack that survives being looked at from somewhere else.

The picture that reaches the network is t(x), and t is not ours to choose: a viewpoint, a distance, the
light. So the loss is averaged over many t before its gradient is taken.

[1] Athalye, Engstrom, Ilyas, Kwok: Synthesizing robust adversarial examples, ICML 2018,
    arXiv 1707.07397.
[2] Eykholt et al.: Robust physical-world attacks on deep learning visual classification, CVPR 2018,
    arXiv 1707.08945.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..models.modes import evaluating
from .gradient import Model, losses_and_gradient
from .inputs import (
    check_count,
    check_eps,
    check_images,
    check_labels,
    check_mask,
    check_picture,
    check_steps,
)
from .norms import Linf
from .pgd import OnStep

Transform = Callable[[Tensor], Tensor]
Views = Callable[[Tensor, int, torch.Generator | None], Tensor]


def eot_gradient(model: Model, x: Tensor, y: Tensor, transforms: Sequence[Transform]) -> Tensor:
    """In which direction each pixel must change to raise the loss on average over `transforms` [1, eq. 2].

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        x: (N, 3, H, W) float in [0, 1].
        y: (N,) int64 labels.
        transforms: differentiable functions of a batch of images, one after the other: the memory of
            one is enough, however many there are.

    Returns:
        (N, 3, H, W): the mean over the transforms of the gradient of the summed cross-entropy.

    Raises:
        ValueError: images or labels that cannot be meant, no transform, or one without a gradient.
    """
    check_images(x, model)
    check_labels(y, x)
    transforms = list(transforms)
    if not transforms:
        raise ValueError("a mean over no transforms: give at least one, as [lambda x: x]")
    total = torch.zeros_like(x, requires_grad=False)
    with evaluating(model):
        for transform in transforms:
            total += losses_and_gradient(_after(transform, model), x, y)[1]
    return total / len(transforms)


def eot_attack(
    model: Model,
    texture: Tensor,
    views: Views,
    target: int,
    *,
    eps: float | None = None,
    mask: Tensor | None = None,
    steps: int = 200,
    step_size: float = 0.01,
    views_per_step: int = 16,
    generator: torch.Generator | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """Paints a thing so that it reads as `target` from anywhere: sign steps on the mean over new views.

    Each step draws `views_per_step` views of the texture and goes down their mean cross-entropy, so
    that what helps in one view only averages out.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        texture: (C, h, w) float in [0, 1], what may be painted on.
        views: called as views(texture, n, generator); returns n images (n, 3, H, W) of it in [0, 1],
            differentiably, at random from `generator`.
        target: the wanted class.
        eps: no value of the texture changes by more; None: no bound but black and white.
        mask: (1, h, w), 1 (True) where the texture may be painted; None: everywhere.
        steps: how many; 0 returns the texture.
        step_size: length of a step in pixel units.
        views_per_step: views that a step's gradient is averaged over.
        generator: handed to `views`.
        on_step: called as on_step(i, texture, loss) with the texture before step i, i = 0 … steps - 1,
            and the cross-entropy (n,) of the views drawn in it.

    Returns:
        (C, h, w), in [0, 1], within eps of the start, equal to it bit for bit outside the mask.

    Raises:
        ValueError: texture, mask or settings that cannot be meant, or views without a gradient.
    """
    _check_texture(texture, eps, mask, views_per_step)
    check_steps(steps, step_size)
    start = texture.detach()
    wanted = torch.full((views_per_step,), target, dtype=torch.int64, device=start.device)
    look = _after(lambda painted: views(painted, views_per_step, generator), model)
    painted = start.clone()
    with evaluating(model):
        for i in range(steps):
            loss, gradient = losses_and_gradient(look, painted, wanted)
            if on_step is not None:
                on_step(i, painted.clone(), loss)
            painted = _allowed(painted - step_size * gradient.sign(), start, eps, mask)
    return painted


def _after(transform: Transform, model: Model) -> Model:
    """The network as seen through the transform."""

    def look(x: Tensor) -> Tensor:
        seen = transform(x)
        if not seen.requires_grad:
            raise ValueError(
                "a view carries no gradient: transforms must be differentiable torch operations, "
                "without no_grad, detach or rounding"
            )
        return model(seen)

    return look


def _allowed(painted: Tensor, start: Tensor, eps: float | None, mask: Tensor | None) -> Tensor:
    if eps is not None:
        painted = start + Linf().project(painted - start, eps)
    painted = painted.clamp(0, 1)
    return painted if mask is None else painted.where(mask.to(start.device).bool(), start)


def _check_texture(
    texture: Tensor, eps: float | None, mask: Tensor | None, views_per_step: int
) -> None:
    check_picture(texture, "the texture")
    if eps is not None:
        check_eps(eps, Linf(), texture[None])
    if mask is not None:
        check_mask(mask, texture[None])
    check_count("views_per_step", views_per_step)
