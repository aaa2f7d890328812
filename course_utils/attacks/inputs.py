"""What an attack can be handed by mistake, and what to say then."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .norms import Norm


def check_images(x: Tensor, model: object) -> None:
    if not isinstance(x, Tensor):
        raise ValueError(f"images must be a torch tensor, got {type(x).__name__}")
    shape = tuple(x.shape)
    if x.ndim == 3:
        raise ValueError(f"images must be (N, 3, H, W), got {shape}: for one image use x[None]")
    if x.ndim != 4:
        raise ValueError(f"images must be (N, 3, H, W), got {x.ndim} dimensions: {shape}")
    _check_values(x, "images")
    if place(model, x) != x.device:
        raise ValueError(
            f"images are on {x.device}, the model on {place(model, x)}: "
            f"use x.to({str(place(model, x))!r})"
        )


def check_picture(picture: Tensor, name: str) -> None:
    """One picture (C, H, W) of floats in [0, 1]: a texture, a patch."""
    if not isinstance(picture, Tensor) or picture.ndim != 3:
        told = tuple(picture.shape) if isinstance(picture, Tensor) else type(picture).__name__
        raise ValueError(f"{name} must be one picture (C, H, W), got {told}")
    _check_values(picture, name)


def place(model: object, x: Tensor) -> torch.device:
    """Where images for the model must be: beside its parameters, or anywhere (where x is) if it has none."""
    parameter = next(model.parameters(), x) if isinstance(model, nn.Module) else x
    return parameter.device


def _check_values(x: Tensor, name: str) -> None:
    if not x.is_floating_point():
        raise ValueError(f"{name} must be floats in [0, 1], got {x.dtype}: use x.float() / 255")
    if x.numel() == 0:
        return
    low, high = (value.item() for value in x.detach().aminmax())
    if not (low >= 0 and high <= 1):
        remedy = "divide by 255" if low >= 0 and 2 < high <= 255 else "models here normalise inside"
        raise ValueError(
            f"{name} must lie in [0, 1], these run from {low:.3g} to {high:.3g}: {remedy}"
        )


def check_labels(y: Tensor, x: Tensor, name: str = "labels") -> None:
    if not isinstance(y, Tensor):
        raise ValueError(f"{name} must be a torch tensor (N,), got {type(y).__name__}")
    if y.dtype != torch.int64:
        raise ValueError(f"{name} must be int64, got {y.dtype}: use .long()")
    if y.shape != x.shape[:1]:
        raise ValueError(
            f"{name} must be (N,) with N = {len(x)} images, got shape {tuple(y.shape)}"
        )
    if y.device != x.device:
        raise ValueError(
            f"{name} are on {y.device}, images on {x.device}: move one with .to(device)"
        )
    if len(y) and int(y.min()) < 0:
        raise ValueError(f"{name} must not be negative, got {int(y.min())}")


def check_logits(logits: Tensor, y: Tensor) -> None:
    if logits.ndim != 2 or len(logits) != len(y):
        raise ValueError(
            f"the model must return logits (N, C) for N = {len(y)} images, got {tuple(logits.shape)}"
        )
    if len(y) and int(y.max()) >= logits.shape[1]:
        raise ValueError(
            f"label {int(y.max())} is out of range: the model knows {logits.shape[1]} classes, "
            f"0 to {logits.shape[1] - 1}"
        )


def check_eps(eps: float, norm: Norm, x: Tensor) -> None:
    if not eps >= 0:  # NaN included
        raise ValueError(f"eps must be at least 0, got {eps}")
    largest = norm.largest(x)
    if eps > largest * (1 + 1e-6):
        raise ValueError(
            f"eps = {eps} is more than the distance from black to white ({largest:.4g}): pixels run from "
            f"0 to 1, so write {eps:g}/255 where you mean {eps:g} of 255 grey levels"
        )


def check_mask(mask: Tensor, x: Tensor) -> None:
    """Zeros and ones, (1, H, W) for all of x (N, 3, H, W) or (N, 1, H, W) for each."""
    if not isinstance(mask, Tensor):
        raise ValueError(f"the mask must be a torch tensor (1, H, W), got {type(mask).__name__}")
    n, _, h, w = x.shape
    if tuple(mask.shape) not in {(1, h, w), (n, 1, h, w)}:
        raise ValueError(
            f"the mask must be {(1, h, w)}, or {(n, 1, h, w)} with one an image, got {tuple(mask.shape)}"
        )
    if not ((mask == 0) | (mask == 1)).all():
        raise ValueError(
            "the mask must be zeros and ones, it has values between or beyond: use (mask > 0.5)"
        )


def check_steps(
    steps: int, step_size: float | None, restarts: int = 1, random_start: bool = True
) -> None:
    check_count("steps", steps, at_least=0)
    if step_size is not None and not step_size >= 0:
        raise ValueError(
            f"step_size must be at least 0, got {step_size}: it is a length, and in pgd targeted=True turns the direction"
        )
    check_count("restarts", restarts)
    if restarts > 1 and not random_start:
        raise ValueError(
            f"restarts={restarts} without random_start would repeat one and the same attack"
        )


def check_count(name: str, count: int, at_least: int = 1) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < at_least:
        raise ValueError(f"{name} must be a whole number, {at_least} or more, got {count!r}")
