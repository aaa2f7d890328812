"""An honest evaluation: several attacks, the worst of them for each image, and the reasons to doubt it.

A model counts as robust on an image if no attack that was tried breaks it there, so every further
attack can only lower the figure. It stays an upper bound, and the alarms say when not even that much
should be believed.

[1] Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse
    parameter-free attacks, ICML 2020, arXiv 2003.01690.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .._progress import bar
from ..attacks import fgsm, pgd
from ..attacks.inputs import check_count
from ..attacks.square import square_attack
from ..data.dataset import Split
from ..device import halve_on_oom
from ..models.modes import evaluating
from . import alarms
from .alarms import HUGE_EPS, Alarm
from .batches import Batches, repeatable
from .evaluation import CLEAN, Evaluation

Outcome = dict[str, Tensor]  # what was asked about each image -> (N,) bool

STEPS = 20  # of the plain PGD
HUGE, RANDOM, PROBABLE, STILL = "huge eps", "random", "probabilities", "zero gradient"


def evaluate(
    model: nn.Module,
    batches: Split | Batches,
    eps: float,
    *,
    restarts: int = 5,
    steps: int = 50,
    queries: int = 1000,
    generator: torch.Generator | None = None,
    progress: bool = True,
) -> Evaluation:
    """Attacks a model in several ways, and watches for signs that it hides its gradient.

    FGSM; PGD with 20 steps; PGD with more steps from several random starts; and the square attack,
    which uses no gradient. As in [1], an image that the model gets wrong unattacked counts as wrong
    under every attack.

    Args:
        model: images in [0, 1] -> logits (N, C).
        batches: a split, or (images (B, 3, H, W), labels (B,)) pairs.
        eps: L-infinity radius in pixel units (8/255).
        restarts, steps: of the stronger PGD; at least 20 steps.
        queries: of the square attack; AutoAttack takes 5000.
        generator: where the random starts and squares come from.
        progress: whether to show a bar.

    Raises:
        ValueError: no images, or images, labels or settings that cannot be meant.
    """
    check_count("restarts", restarts)
    check_count("steps", steps, at_least=STEPS)  # a stronger attack takes no fewer than the weaker
    check_count("queries", queries)
    plan = _Plan(eps, restarts, steps, queries, generator)
    kept = list(repeatable(batches)())
    if not sum(len(y) for _, y in kept):
        raise ValueError("no images to evaluate on: `batches` was empty (or used up already)")
    parameter = next(model.parameters(), None)
    found: list[tuple[Outcome, int]] = []
    with (
        evaluating(model),
        bar(len(kept), "evaluating", progress, unit="batch", leave=False) as shown,
    ):
        for x, y in kept:
            if parameter is not None:
                x, y = x.to(parameter.device), y.to(parameter.device)
            found += halve_on_oom(lambda x, y: _examined(model, x, y, plan), (x, y))
            shown.update(1)
    outcome = {name: torch.cat([one[name] for one, _ in found]).cpu() for name in found[0][0]}
    return _summed_up(outcome, plan, classes=found[0][1])


@dataclass(frozen=True)
class _Plan:
    """Which attacks, how strong."""

    eps: float
    restarts: int
    steps: int
    queries: int
    generator: torch.Generator | None

    @property
    def by_steps(self) -> dict[str, Callable[..., Tensor]]:
        """The attacks with gradients, the fewest steps first."""
        strong = f"PGD, {self.steps} steps"
        if self.restarts > 1:
            strong += f", best of {self.restarts}"
        return {
            "FGSM, 1 step": self._fgsm,
            f"PGD, {STEPS} steps": self._pgd,
            strong: self._strong_pgd,
        }

    @property
    def black_box(self) -> str:
        return f"square attack, {self.queries} queries, no gradient"

    def _fgsm(self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        return _left(model, x, y, alive, lambda x, y: fgsm(model, x, y, self.eps))

    def _pgd(self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        return self._climbed(model, x, y, alive, self.eps, STEPS)

    def _strong_pgd(self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        for _ in range(self.restarts):  # a start that failed is followed by another
            alive = self._climbed(model, x, y, alive, self.eps, self.steps)
        return alive

    def square(self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        def attack(x: Tensor, y: Tensor) -> Tensor:
            return square_attack(
                model, x, y, self.eps, queries=self.queries, generator=self.generator
            )

        return _left(model, x, y, alive, attack)

    def huge(self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        return self._climbed(model, x, y, alive, max(self.eps, HUGE_EPS), STEPS)

    def _climbed(
        self, model: nn.Module, x: Tensor, y: Tensor, alive: Tensor, eps: float, steps: int
    ) -> Tensor:
        def attack(x: Tensor, y: Tensor) -> Tensor:
            return pgd(model, x, y, eps, steps=steps, generator=self.generator)

        return _left(model, x, y, alive, attack)


def _left(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    alive: Tensor,
    attack: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """(N,) bool: which of the images that were right before the attack still are."""
    rows = alive.nonzero()[:, 0]
    still = alive.clone()
    if len(rows):
        still[rows] = _right(model, attack(x[rows], y[rows]), y[rows])
    return still


def _right(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    with torch.no_grad():
        return model(x).argmax(dim=1) == y


def _examined(model: nn.Module, x: Tensor, y: Tensor, plan: _Plan) -> tuple[Outcome, int]:
    """All that was asked about each image of a batch, and the number of classes."""
    right = _right(model, x, y)
    outcome = {
        RANDOM: alarms.randomised(model, x),
        PROBABLE: alarms.probabilities(model, x),
        STILL: alarms.without_gradient(model, x, y),
        CLEAN: right,
    }
    survivors = right
    for name, attack in plan.by_steps.items():
        outcome[name] = attack(model, x, y, right)
        survivors = survivors & outcome[name]
    outcome[plan.black_box] = plan.square(model, x, y, right)
    # What a small ball holds, a larger one does: only those that no gradient broke are left to break.
    outcome[HUGE] = plan.huge(model, x, y, survivors)
    with torch.no_grad():
        return outcome, model(x[:1]).shape[1]


def _summed_up(outcome: Outcome, plan: _Plan, classes: int) -> Evaluation:
    attacked = [*plan.by_steps, plan.black_box]
    raised: list[Alarm] = alarms.about_the_model(outcome[RANDOM], outcome[PROBABLE], outcome[STILL])
    raised += alarms.about_the_attacks(
        {name: outcome[name] for name in plan.by_steps},
        outcome[plan.black_box],
        outcome[HUGE],
        classes,
    )
    worst = torch.stack([outcome[name] for name in (CLEAN, *attacked)]).all(dim=0)
    return Evaluation(
        eps=plan.eps,
        images=len(worst),
        accuracies={name: float(outcome[name].double().mean()) for name in (CLEAN, *attacked)},
        worst_case=float(worst.double().mean()),
        alarms=tuple(raised),
    )
