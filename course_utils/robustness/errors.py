"""How much of a model's accuracy bad pictures cost, and how that compares with another model.

[1] Hendrycks, Dietterich: Benchmarking neural network robustness to common corruptions and
    perturbations, ICLR 2019, arXiv 1903.12261, section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from ..data.dataset import Split
from .accuracy import Attack, accuracy
from .batches import repeatable
from .corruptions import CORRUPTIONS, SEVERITIES, corrupt


def corruption_errors(
    model: nn.Module,
    pictures: Split | Iterable[tuple[Tensor, Tensor]],
    names: Sequence[str] | None = None,
    severities: Sequence[int] = SEVERITIES,
    generator: torch.Generator | None = None,
) -> dict[str, list[float]]:
    """The error rate on corrupted pictures, for each corruption and severity.

    Args:
        model: images in [0, 1] -> logits (N, C).
        pictures: a split, or batches (images (B, 3, H, W), labels (B,)).
        names: of the corruptions; None: all there are.
        severities: from 1 to 5.
        generator: where the random numbers come from. Equal seeds corrupt equal pictures equally,
            whichever model looks and whichever corruptions were asked for beside.

    Returns:
        corruption name -> error rates in [0, 1], in the order of `severities`.

    Raises:
        ValueError: an unknown name or severity, or no pictures.
    """
    names = list(CORRUPTIONS if names is None else names)
    batches = repeatable(pictures)
    home = torch.device("cpu") if generator is None else generator.device
    seed = int(torch.randint(2**62, (), generator=generator, device=home))

    def spoilt(name: str, severity: int) -> Attack:
        own = torch.Generator(home).manual_seed(seed)
        return lambda model, x, y: corrupt(x, name, severity, own)

    return {
        name: [1 - accuracy(model, batches(), spoilt(name, severity)) for severity in severities]
        for name in names
    }


def mean_corruption_error(
    errors: Mapping[str, Sequence[float]], baseline: Mapping[str, Sequence[float]]
) -> float:
    """The mean corruption error, mCE: the errors as a percentage of a baseline model's [1, section 4.2].

    For each corruption the errors summed over severities are divided by the baseline's sum, so that
    hard corruptions weigh no more than easy ones; then the mean over corruptions.

    Args:
        errors, baseline: corruption name -> error rates by severity, as `corruption_errors` gives.

    Returns:
        Percent; 100 is as good as the baseline, less is better.

    Raises:
        ValueError: the two tell of different corruptions or severities, or the baseline makes no error.
    """
    if not errors:
        raise ValueError("no corruption in `errors`: a mean over nothing")
    if set(errors) != set(baseline):
        only = sorted(set(errors) ^ set(baseline))
        raise ValueError(
            f"errors and baseline must tell of the same corruptions; in one alone: {', '.join(only)}"
        )
    return 100 * sum(_ratio(name, errors[name], baseline[name]) for name in errors) / len(errors)


def _ratio(name: str, errors: Sequence[float], baseline: Sequence[float]) -> float:
    if len(errors) != len(baseline):
        raise ValueError(
            f"{name}: {len(errors)} error rates but {len(baseline)} in the baseline; "
            "measure both at the same severities"
        )
    if not sum(baseline) > 0:
        raise ValueError(
            f"{name}: the baseline makes no error, so there is nothing to divide by; "
            "leave this corruption out or take a weaker baseline"
        )
    return sum(errors) / sum(baseline)
