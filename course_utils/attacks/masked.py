"""Attacks that may change a part of the picture only, but that part as much as they like.

[1] Sharif, Bhagavatula, Bauer, Reiter: Accessorize to a crime: real and stealthy attacks on
    state-of-the-art face recognition, CCS 2016: the frame of a pair of glasses.
[2] Eykholt et al.: Robust physical-world attacks on deep learning visual classification, CVPR 2018,
    arXiv 1707.08945: stickers on a stop sign.
"""

from __future__ import annotations

from torch import Tensor

from ..models.modes import evaluating
from .gradient import Model
from .inputs import check_images, check_labels, check_mask, check_steps
from .pgd import OnStep, climb


def masked_pgd(
    model: Model,
    x: Tensor,
    target: Tensor,
    mask: Tensor,
    *,
    step_size: float = 0.02,
    steps: int = 100,
    on_step: OnStep | None = None,
) -> Tensor:
    """Sign steps toward a class of our choice, where the mask is 1, with no bound but black and white.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        x: (N, 3, H, W) float in [0, 1]; the attack starts here.
        target: (N,) int64, the wanted classes.
        mask: (1, H, W), or (N, 1, H, W) where each image has its own; 1 (True) where a pixel may
            change, 0 (False) elsewhere.
        step_size: length of a step in pixel units.
        steps: how many; 0 returns the images.
        on_step: called as on_step(i, x_adv, loss) with the picture after i steps, i = 0 … steps, and
            its cross-entropy (N,); costs one forward pass more.

    Returns:
        (N, 3, H, W) images in [0, 1], equal to x bit for bit outside the mask.

    Raises:
        ValueError: images, targets, mask or settings that cannot be meant.
    """
    check_images(x, model)
    check_labels(target, x, "target labels")
    check_mask(mask, x)
    check_steps(steps, step_size)
    x, inside = x.detach(), mask.to(x.device).bool()

    def descend(x_adv: Tensor, gradient: Tensor) -> Tensor:
        stepped = (x_adv - step_size * gradient.sign()).clamp(0, 1)
        return stepped.where(inside, x)

    with evaluating(model):
        return climb(model, x.clone(), target, descend, steps, on_step)
