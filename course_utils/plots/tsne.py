"""t-SNE for a few hundred points, exact and repeatable: seconds on a CPU.

[1] van der Maaten, Hinton: Visualizing data using t-SNE, JMLR 9, 2008.
[2] Belkina et al.: Automated optimized parameters for t-distributed stochastic neighbor embedding
    improve visualization and analysis of large datasets, Nature Communications 10, 2019: the step size.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

EXAGGERATION, EARLY = 12.0, 0.3  # how much attraction at first, and for which part of the steps
LEAST_CHANCE = 1e-12


def tsne(points: Tensor, start: Tensor, *, perplexity: float = 30.0, steps: int = 400) -> Tensor:
    """Places on a plane such that who is near in space is near on the plane.

    Args:
        points: (N, D) float, N at least 3.
        start: (N, 2), where the points begin, for instance by PCA; scaled to be small. No chance is at work.
        perplexity: about how many neighbours count for each point, below N.
        steps: of gradient descent with momentum.

    Returns:
        (N, 2) float32.
    """
    if not 1 <= perplexity < len(points):
        raise ValueError(
            f"perplexity {perplexity:g} with {len(points)} points: choose it from 1 to below their number"
        )
    p = joint_chances(points.double(), perplexity).float()
    y = 1e-4 * start.float() / start.float()[:, 0].std().clamp_min(1e-12)
    rate = max(len(points) / EXAGGERATION / 4, 50.0)  # [2]
    speed, gain = torch.zeros_like(y), torch.ones_like(y)
    for step in range(steps):
        early = step < EARLY * steps
        gradient = _gradient(y, EXAGGERATION * p if early else p)
        # A coordinate that keeps its direction goes faster, one that turns back goes slower [1].
        turned = gradient.sign() == speed.sign()
        gain = torch.where(turned, 0.8 * gain, gain + 0.2).clamp_min(0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gain * gradient
        y = y + speed
        y = y - y.mean(dim=0)
    return y


def joint_chances(points: Tensor, perplexity: float) -> Tensor:
    """How near any two points are in space, as chances that sum to 1: [1, equations 1 and section 3.1].

    Each point's Gaussian is so wide that the entropy of its neighbours is ln(perplexity).
    """
    squared = torch.cdist(points, points).square()
    n = len(points)
    squared.fill_diagonal_(math.inf)
    low = torch.zeros(n, 1, dtype=points.dtype, device=points.device)
    high, sharpness = low + math.inf, low + 1.0
    # Distances from the nearest one: the same chances, and no row underflows.
    squared = squared - squared.min(dim=1, keepdim=True).values
    for _ in range(64):
        chances = (-squared * sharpness).softmax(dim=1)
        entropy = -(chances * chances.clamp_min(LEAST_CHANCE).log()).sum(dim=1, keepdim=True)
        wide = entropy > math.log(perplexity)
        low, high = torch.where(wide, sharpness, low), torch.where(wide, high, sharpness)
        sharpness = torch.where(high.isinf(), 2 * sharpness, (low + high) / 2)
    return ((chances + chances.T) / (2 * n)).clamp_min(LEAST_CHANCE)


def divergence(points: Tensor, places: Tensor, perplexity: float) -> float:
    """What t-SNE descends: the Kullback-Leibler divergence of the plane's chances from the space's."""
    p = joint_chances(points.double(), perplexity)
    affinity = _affinity(places.double())
    q = (affinity / affinity.sum()).clamp_min(LEAST_CHANCE)
    return float((p * (p / q).log()).fill_diagonal_(0).sum())


def _affinity(y: Tensor) -> Tensor:
    """Student's t with one degree of freedom: its long tail leaves room for the far ones."""
    squared = (y[:, None, 0] - y[:, 0]) ** 2 + (y[:, None, 1] - y[:, 1]) ** 2
    return squared.add_(1).reciprocal_().fill_diagonal_(0)


def _gradient(y: Tensor, p: Tensor) -> Tensor:
    affinity = _affinity(y)  # (N, N)
    pull = torch.addcdiv(p, affinity, affinity.sum(), value=-1).mul_(affinity)
    return 4 * (pull.sum(dim=1, keepdim=True) * y - pull @ y)
