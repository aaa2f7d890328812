"""The part of an attack that depends on how a change is measured.

The division of labour is MadryLab's (robustness, attack_steps.py): an algorithm is written once, and
a norm knows how to step, how to project and where to start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


def _each(values: Tensor, like: Tensor) -> Tensor:
    """(N,) -> (N, 1, 1, 1), to multiply a batch with."""
    return values.view(-1, *[1] * (like.ndim - 1))


def _lengths(delta: Tensor) -> Tensor:
    """The L2 length of each perturbation: (N, …) -> (N, 1, …)."""
    return _each(delta.flatten(1).norm(dim=1), delta)


@dataclass(frozen=True)
class Norm:
    """What an attack asks of a norm. Perturbations are (N, 3, H, W), eps is a float in pixel units."""

    def step(self, grad: Tensor, step_size: float) -> Tensor:
        """The step of length `step_size` that raises a linear function with gradient `grad` the most."""
        raise NotImplementedError

    def project(self, delta: Tensor, eps: float) -> Tensor:
        """The nearest perturbation within the ball of radius eps; the same one where it is inside."""
        raise NotImplementedError

    def random(self, like: Tensor, eps: float, generator: torch.Generator | None = None) -> Tensor:
        """Perturbations drawn uniformly from the ball, shaped like `like`."""
        raise NotImplementedError

    def size(self, delta: Tensor) -> Tensor:
        """How large each perturbation is: (N, 3, H, W) -> (N,)."""
        raise NotImplementedError

    def largest(self, like: Tensor) -> float:
        """The distance between an all-black and an all-white picture: no eps means more than this."""
        raise NotImplementedError


@dataclass(frozen=True)
class Linf(Norm):
    """The largest change of any one pixel value."""

    def step(self, grad: Tensor, step_size: float) -> Tensor:
        return step_size * grad.sign()

    def project(self, delta: Tensor, eps: float) -> Tensor:
        return delta.clamp(-eps, eps)

    def random(self, like: Tensor, eps: float, generator: torch.Generator | None = None) -> Tensor:
        return eps * (2 * draw(torch.rand, like.shape, like, generator) - 1)

    def size(self, delta: Tensor) -> Tensor:
        return delta.flatten(1).abs().amax(dim=1)

    def largest(self, like: Tensor) -> float:
        return 1.0


@dataclass(frozen=True)
class L2(Norm):
    """The Euclidean length of the change of a whole picture."""

    def step(self, grad: Tensor, step_size: float) -> Tensor:
        # A confident network's gradient can be so small that its square underflows to zero.
        grad = grad / _each(grad.flatten(1).abs().amax(dim=1), grad).clamp_min(_tiny(grad))
        return step_size * grad / _lengths(grad).clamp_min(_tiny(grad))

    def project(self, delta: Tensor, eps: float) -> Tensor:
        return delta * (eps / _lengths(delta).clamp_min(_tiny(delta))).clamp_max(1)

    def random(self, like: Tensor, eps: float, generator: torch.Generator | None = None) -> Tensor:
        direction = draw(torch.randn, like.shape, like, generator)
        u = draw(torch.rand, like.shape[:1], like, generator)
        radius = u ** (1 / max(like[:1].numel(), 1))  # volume grows with radius to the dimension
        return self.step(direction, eps) * _each(radius, like)

    def size(self, delta: Tensor) -> Tensor:
        return delta.flatten(1).norm(dim=1)

    def largest(self, like: Tensor) -> float:
        return math.sqrt(max(like[:1].numel(), 1))


def _tiny(tensor: Tensor) -> float:
    return torch.finfo(tensor.dtype).tiny


def draw(sample, shape, like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Drawn where the generator lives (by default the CPU), so a seed means the same on every device.

    `sample` is torch.rand or torch.randn; dtype and device of the result are those of `like`.
    """
    where = generator.device if generator is not None else "cpu"
    return sample(shape, generator=generator, dtype=like.dtype, device=where).to(like.device)
