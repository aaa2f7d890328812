"""One sticker for all pictures: a patch that decides the class wherever in the scene it lies.

[1] Brown, Mané, Roy, Abadi, Gilmer: Adversarial patch, arXiv 1712.09665.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.modes import evaluating
from .gradient import Model, losses_and_gradient
from .inputs import check_count, check_images, check_picture, place

Batches = Iterable[tuple[Tensor, Tensor]]
OnStep = Callable[[int, Tensor, Tensor], object]

# At any angle a square stays within the picture only while its diagonal is no longer than the side.
LARGEST = math.sqrt(0.5)


@dataclass(frozen=True)
class PatchPoses:
    """How a patch lies on each of N images.

    Args:
        angle: (N,) radians, counter-clockwise as seen.
        scale: (N,) the patch's side as a fraction of the image's.
        shift: (N, 2) its centre, x to the right and y down, each in [-1, 1] from edge to edge.
    """

    angle: Tensor
    scale: Tensor
    shift: Tensor


def random_poses(
    n: int, generator: torch.Generator | None = None, *, scale: tuple[float, float] = (0.2, 0.5)
) -> PatchPoses:
    """Poses with the whole patch inside the image: any angle, size and place, each uniform.

    Args:
        n: how many.
        generator: where they come from; they lie on its device (default: the CPU).
        scale: the smallest and the largest side, as fractions of the image's.

    Raises:
        ValueError: scales that cannot be meant, or too large to fit at every angle.
    """
    _check_scale(scale)
    where = generator.device if generator is not None else "cpu"

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=where)

    low, high = scale
    angle = 2 * math.pi * uniform(n)  # (N,)
    side = low + (high - low) * uniform(n)  # (N,)
    # Half the width of the turned square, where the image is 2 wide; the rest is room to move.
    reach = side * (angle.cos().abs() + angle.sin().abs())
    room = (1 - reach).clamp_min(0)
    return PatchPoses(angle, side, room[:, None] * (2 * uniform(n, 2) - 1))


def paste_patch(
    x: Tensor,
    patch: Tensor,
    angle: Tensor,
    scale: Tensor,
    shift: Tensor,
    *,
    shape: Tensor | None = None,
) -> Tensor:
    """Pastes a square patch on every image: turned, resized, moved, with an antialiased edge.

    Args:
        x: (N, 3, H, H) float in [0, 1].
        patch: (3, s, s) in [0, 1].
        angle: (N,) radians, counter-clockwise as seen.
        scale: (N,) the patch's side as a fraction of the image's.
        shift: (N, 2) the patch's centre in the image, x to the right and y down, each in [-1, 1].
        shape: (1, s, s) in [0, 1], 1 where the sticker covers (a round one); default: everywhere.

    Returns:
        (N, 3, H, H) in [0, 1], equal to x where the patch does not reach; differentiable in `patch`.

    Raises:
        ValueError: images, patch, shape or poses that cannot be meant.
    """
    _check_paste(x, patch, shape, (angle, scale, shift))
    shape = torch.ones_like(patch[:1]) if shape is None else shape.to(patch)
    sticker = torch.cat([patch * shape, shape]).to(x)  # (4, s, s)
    grid = F.affine_grid(
        _image_to_patch(angle, scale, shift).to(x), [len(x), 4, *x.shape[2:]], align_corners=False
    )  # (N, H, H, 2)
    pasted = F.grid_sample(
        sticker.expand(len(x), -1, -1, -1), grid, padding_mode="zeros", align_corners=False
    )  # (N, 4, H, H)
    # The bilinear weights of a pixel may sum to a rounding error above 1, and the image to as much.
    pasted = pasted / pasted[:, 3:].detach().clamp_min(1)
    return x * (1 - pasted[:, 3:]) + pasted[:, :3]


def train_patch(
    model: Model,
    batches: Batches,
    target: int,
    *,
    size: int = 24,
    steps: int = 200,
    lr: float = 0.05,
    scale: tuple[float, float] = (0.2, 0.31),
    generator: torch.Generator | None = None,
    shape: Tensor | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """One patch that makes whatever it lies on read as `target`: Adam on random poses and pictures [1].

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        batches: (images (B, 3, H, H), labels) pairs, gone through again and again (and kept for it);
            the labels are not looked at.
        target: the wanted class.
        size: the patch's side in its own pixels.
        steps: how many, a batch each.
        lr: Adam's, in pixel units.
        scale: the sides to train for, as fractions of the image's; 0.316 covers a tenth of its area.
        generator: of the poses.
        shape: (1, size, size), of the sticker, as for `paste_patch`.
        on_step: called as on_step(i, patch, loss) with the patch before step i, i = 0 … steps - 1, and
            the cross-entropy (B,) of the images it was pasted on.

    Returns:
        (3, size, size) in [0, 1], on the model's device.

    Raises:
        ValueError: settings that cannot be meant, or there was not a single batch.
    """
    check_count("size", size)
    check_count("steps", steps, at_least=0)
    _check_scale(scale)
    pictures = itertools.cycle(_at_least_one(batches))
    x, _ = next(pictures)
    # Tensors made in inference mode, where the caller may be, take no part in a graph.
    with torch.inference_mode(False), evaluating(model):
        patch = torch.full((3, size, size), 0.5, dtype=x.dtype, device=place(model, x))
        optimizer = torch.optim.Adam([patch], lr=lr)
        for i in range(steps):
            x = x.detach().clone().to(patch.device)
            poses = random_poses(len(x), generator, scale=scale)
            loss, gradient = _toward(model, x, patch, target, poses, shape)
            if on_step is not None:
                on_step(i, patch.clone(), loss)
            patch.grad = gradient / len(x)
            optimizer.step()
            patch.clamp_(0, 1)
            x, _ = next(pictures)
    return patch.detach()


def patch_success(
    model: Model,
    batches: Batches,
    patch: Tensor,
    target: int,
    *,
    scale: tuple[float, float] = (0.2, 0.31),
    generator: torch.Generator | None = None,
    shape: Tensor | None = None,
) -> float:
    """Of the images of other classes, the fraction that reads as `target` with the patch on it.

    Args:
        model: images (N, 3, H, W) in [0, 1] -> logits (N, C).
        batches: (images (B, 3, H, H), labels (B,)) pairs that the patch was not trained on.
        patch: (3, s, s) in [0, 1].
        target: the class that the patch is for; images of that class do not count.
        scale: the sides to try, as fractions of the image's; every image gets one random pose.
        generator: of the poses.
        shape: of the sticker, as for `paste_patch`.

    Raises:
        ValueError: there was not a single image of another class.
    """
    fooled = seen = 0
    with evaluating(model), torch.no_grad():
        for x, y in batches:
            x = x[y != target].to(place(model, x))
            if not len(x):
                continue
            poses = random_poses(len(x), generator, scale=scale)
            pasted = paste_patch(x, patch, poses.angle, poses.scale, poses.shift, shape=shape)
            fooled += int((model(pasted).argmax(dim=1) == target).sum())
            seen += len(x)
    if not seen:
        raise ValueError(
            f"no images to paste the patch on: `batches` has none of another class than {target}"
        )
    return fooled / seen


def _image_to_patch(angle: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """(N, 2, 3): from a pixel's place in the image to its place on the patch, as affine_grid wants it.

    A point q of the patch lies at p = scale R q + shift, so p comes from q = R^T (p - shift) / scale.
    With y pointing down, counter-clockwise as seen is R = [[cos, sin], [-sin, cos]].
    """
    cos, sin = angle.cos() / scale, angle.sin() / scale
    turn = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)  # (N, 2, 2)
    return torch.cat([turn, -turn @ shift[:, :, None]], dim=2)


def _toward(
    model: Model, x: Tensor, patch: Tensor, target: int, poses: PatchPoses, shape: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The cross-entropy (B,) of `target` with the patch on the pictures, and its sum's gradient."""

    def look(patch: Tensor) -> Tensor:
        return model(paste_patch(x, patch, poses.angle, poses.scale, poses.shift, shape=shape))

    wanted = torch.full((len(x),), target, dtype=torch.int64, device=x.device)
    return losses_and_gradient(look, patch, wanted)


def _at_least_one(batches: Batches) -> Batches:
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        raise ValueError(
            "no images to train the patch on: `batches` was empty (or used up already)"
        )
    return itertools.chain([first], batches)


def _check_scale(scale: tuple[float, float]) -> None:
    try:
        low, high = scale
    except TypeError:
        raise ValueError(
            f"scale must be a pair, the smallest and the largest side, got {scale!r}: "
            f"use ({scale}, {scale}) for one size"
        ) from None
    if not 0 < low <= high:
        raise ValueError(f"scale must be (low, high) with 0 < low <= high, got {scale}")
    if high > LARGEST:
        raise ValueError(
            f"a patch of {high} of the image's side does not fit at every angle: at most {LARGEST:.3f}"
        )


def _check_paste(
    x: Tensor, patch: Tensor, shape: Tensor | None, poses: tuple[Tensor, Tensor, Tensor]
) -> None:
    check_images(x, None)
    n, _, height, width = x.shape
    if height != width:
        raise ValueError(
            f"images must be square, got {height} x {width}: a patch's side is a fraction of the image's"
        )
    check_picture(patch, "the patch")
    if patch.shape[1] != patch.shape[2] or patch.shape[0] != x.shape[1]:
        raise ValueError(f"the patch must be {(x.shape[1], 's', 's')}, got {tuple(patch.shape)}")
    if shape is not None:
        check_picture(shape, "the patch's shape")
        if shape.shape != (1, *patch.shape[1:]):
            raise ValueError(
                f"the patch's shape must be {(1, *patch.shape[1:])}, got {tuple(shape.shape)}"
            )
    for name, values, wanted in zip(
        ("angle", "scale", "shift"), poses, ((n,), (n,), (n, 2)), strict=True
    ):
        if not isinstance(values, Tensor) or tuple(values.shape) != wanted:
            told = tuple(values.shape) if isinstance(values, Tensor) else repr(values)
            raise ValueError(f"{name} must be a tensor {wanted} for {n} images, got {told}")
    if not (poses[1] > 0).all():
        raise ValueError(f"scale must be above 0, got {poses[1].min().item():.3g}")
