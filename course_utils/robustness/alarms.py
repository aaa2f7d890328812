"""Signs that a model hides its gradient instead of being robust: what was seen, and what to do.

The first four are AutoAttack's checks [1], the last two are older advice [2, section 3.1; 3, section 5].

[1] Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse
    parameter-free attacks, ICML 2020, arXiv 2003.01690; its repository's checks.
[2] Athalye, Carlini, Wagner: Obfuscated gradients give a false sense of security, ICML 2018,
    arXiv 1802.00420.
[3] Carlini et al.: On evaluating adversarial robustness, 2019, arXiv 1902.06705.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from ..attacks.gradient import Model, input_gradient

ASKED = 5  # times the same question
SAME = 1e-4  # as different as the outputs of a GPU may be, by length of the output [1]
LEAD = 0.002  # of the images; by less than this no attack counts as better than another [1]
HUGE_EPS = 0.5  # any image can be made plain grey


@dataclass(frozen=True)
class Alarm:
    """A reason not to believe a robust accuracy.

    Args:
        name: the field's word for it.
        seen: what was observed, with its figures, and why that is suspicious.
        remedy: what to do about it.
    """

    name: str
    seen: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.seen} What to do: {self.remedy}"


def randomised(model: Model, x: Tensor) -> Tensor:
    """(N,) bool: asked again about the same image, the model says something else."""
    with torch.no_grad():
        answers = torch.stack([_unit(model(x)) for _ in range(ASKED)])  # (ASKED, N, C)
    return (answers - answers[0]).norm(dim=2).amax(dim=0) > SAME


def probabilities(model: Model, x: Tensor) -> Tensor:
    """(N,) bool: the outputs of an image lie in [0, 1] and sum to 1."""
    with torch.no_grad():
        outputs = model(x)
    inside = ((outputs >= -1e-5) & (outputs <= 1 + 1e-5)).all(dim=1)
    return inside & ((outputs.sum(dim=1) - 1).abs() < 1e-5)


def without_gradient(model: Model, x: Tensor, y: Tensor) -> Tensor:
    """(N,) bool: the loss does not depend on any pixel, as far as the gradient tells."""
    return input_gradient(model, x, y).flatten(1).abs().amax(dim=1) == 0


def _unit(outputs: Tensor) -> Tensor:
    return outputs / outputs.norm(dim=1, keepdim=True).clamp_min(1e-10)


def about_the_model(random: Tensor, probable: Tensor, still: Tensor) -> list[Alarm]:
    """Alarms from what three checks found on N images, (N,) bool each."""
    alarms = []
    n = len(random)
    if random.any():
        alarms.append(
            Alarm(
                "randomised defence",
                f"Asked {ASKED} times about the same image, the model's output changed on "
                f"{int(random.sum())} of {n} images. The gradient of one draw says little about the next.",
                "average the gradient over many draws before each step, as "
                "attacks.eot_gradient(model, x, y, [torch.nn.Identity()] * 20) does, and count how often "
                "an attacked image is right, over many draws.",
            )
        )
    if probable.all():
        alarms.append(
            Alarm(
                "probabilities instead of logits",
                "For every image the outputs lie between 0 and 1 and sum to 1. The loss takes a second "
                "softmax of them, and its gradient fades wherever the model is sure.",
                "evaluate the model without its softmax; where that cannot be had, hand over the "
                "logarithm of its outputs, which differs from the logits by a constant only.",
            )
        )
    if still.any():
        alarms.append(
            Alarm(
                "zero gradient",
                f"On {int(still.sum())} of {n} images the gradient is exactly 0 in every pixel. An attack "
                "that follows it stands still.",
                "look for rounding or thresholds (let the backward pass treat them as the identity: BPDA) "
                "and for huge logits (divide them by a constant; the answers stay the same), then "
                "evaluate again.",
            )
        )
    return alarms


def about_the_attacks(
    by_steps: dict[str, Tensor], black_box: Tensor, huge: Tensor, classes: int
) -> list[Alarm]:
    """Alarms from which images still are right after attacks, (N,) bool each.

    Args:
        by_steps: attacks with gradients, name -> outcome, the fewest steps first.
        black_box: the outcome of an attack without gradients.
        huge: the outcome of an attack with gradients at HUGE_EPS.
        classes: how many the model tells apart.
    """
    alarms = []
    name, best = min(by_steps.items(), key=lambda attack: int(attack[1].sum()))
    if _beats(black_box, best):
        alarms.append(
            Alarm(
                "black box beats white box",
                f"The square attack, which sees no gradient, leaves {_percent(black_box)} right; the best "
                f"attack with gradients ({name}) leaves {_percent(best)}. Seeing more can only "
                "do harm if what is seen misleads.",
                "believe neither figure: the truth is below both. Give the square attack more queries, and "
                "find the part of the model that breaks the gradient (smooth it, or pass over it backwards).",
            )
        )
    alarms += _more_steps_do_worse(by_steps)
    if huge.double().mean() > 1 / classes and huge.sum() > 1:
        alarms.append(
            Alarm(
                "a huge eps does not break it",
                f"At eps = {HUGE_EPS} every image can be made plain grey, and no model is right about those "
                f"more often than one time in {classes}. Yet the attack leaves {_percent(huge)} right: it is "
                "the attack that fails.",
                "look at the other alarms for the cause; without one, try another loss (the margin between "
                "the logits), other step sizes and more steps.",
            )
        )
    return alarms


def _more_steps_do_worse(by_steps: dict[str, Tensor]) -> list[Alarm]:
    attacks = list(by_steps.items())
    for (fewer, few), (more, many) in pairwise(attacks):
        if _beats(few, many):
            return [
                Alarm(
                    "more steps do worse",
                    f"{fewer} leaves {_percent(few)} right, {more} leaves {_percent(many)}. More steps can "
                    "only do harm if the gradient leads astray.",
                    "draw the loss along the gradient and look whether it is smooth; take other step "
                    "sizes, and average the gradient over small random shifts of the image.",
                )
            ]
    return []


def _beats(first: Tensor, second: Tensor) -> bool:
    """Whether the first attack leaves fewer images right, by at least two and by more than LEAD."""
    return int(second.sum()) - int(first.sum()) > max(1, LEAD * len(first))


def _percent(outcome: Tensor) -> str:
    return f"{100 * float(outcome.double().mean()):.1f} %"
