"""One evaluation for every representation: three measures, few labels and many, several draws.

A pretext task is not judged by itself but by what its features are worth downstream. Every choice
(C, k, learning rate) falls on the validation split; the test split is looked at once for each.

[1] Kumar, Raghunathan, Jones, Ma, Liang: Fine-tuning can distort pretrained features and underperform
    out-of-distribution, ICLR 2022, arXiv 2202.10054: first the linear probe, then all weights.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from torch import Tensor, nn

from ..data.dataset import Dataset
from ..models import Classifier
from ..training import evaluate
from ..training.loop import Augment
from .probes import (
    draw_labels,
    extract_features,
    fine_tune,
    fit_linear,
    knn_accuracy,
    linear_probe,
)

Labels = int | None  # labels a class; None: all there are

LINEAR, NEIGHBOURS, FINE_TUNING = "linear probe", "k-NN", "fine-tuning"
MEASURES = (LINEAR, NEIGHBOURS, FINE_TUNING)

STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
NEIGHBOURHOODS = (1, 3, 5, 10, 20, 50)
RATES = (3e-4, 1e-3, 3e-3)
UPDATES = 200
BATCH_SIZE = 50

_AT_ONCE = 250


@dataclass(frozen=True)
class Score:
    """One measurement.

    Args:
        test: accuracy on the test split.
        validation: accuracy on the validation split, the best of all settings.
        setting: the C, k or learning rate that was best there.
        seed: of the draw of labels, and of fine-tuning's order.
    """

    test: float
    validation: float
    setting: float
    seed: int


@dataclass(frozen=True)
class Downstream:
    """What an encoder's features are worth; shows itself as a table.

    Args:
        scores: measure -> labels a class (None: all) -> one score a seed.
    """

    scores: dict[str, dict[Labels, tuple[Score, ...]]]

    def mean(self, measure: str, per_class: Labels) -> float:
        """Mean test accuracy over the draws."""
        return mean(score.test for score in self.scores[measure][per_class])

    def spread(self, measure: str, per_class: Labels) -> float | None:
        """Standard deviation over the draws; None where there was one alone."""
        values = [score.test for score in self.scores[measure][per_class]]
        return stdev(values) if len(values) > 1 else None

    def __str__(self) -> str:
        head, *rows = self._cells()
        width = max(len(row[0]) for row in (head, *rows))
        lines = [f"{row[0]:<{width}}" + "".join(f"{cell:>15}" for cell in row[1:]) for row in rows]
        return "\n".join([" " * width + "".join(f"{cell:>15}" for cell in head[1:]), *lines])

    def _repr_html_(self) -> str:
        head, *rows = self._cells()
        top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(row[0])}</th>'
            + "".join(f'<td style="text-align:right">{html.escape(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row in rows
        )
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"

    def _cells(self) -> list[list[str]]:
        columns = list(next(iter(self.scores.values())))
        head = ["test accuracy", *(named(labels) for labels in columns)]
        return [head] + [
            [measure, *(self._told(measure, labels) for labels in columns)]
            for measure in self.scores
        ]

    def _told(self, measure: str, per_class: Labels) -> str:
        spread = self.spread(measure, per_class)
        told = f"{100 * self.mean(measure, per_class):.1f} %"
        return told if spread is None else f"{told} ± {100 * spread:.1f}"


def named(per_class: Labels) -> str:
    """10 -> '10 a class', None -> 'all labels'."""
    return "all labels" if per_class is None else f"{per_class} a class"


def downstream(
    encoder: nn.Module,
    dataset: Dataset,
    *,
    per_class: Sequence[Labels] = (10, 50, None),
    seeds: Sequence[int] = (0, 1, 2),
    measures: Sequence[str] = MEASURES,
    strengths: Sequence[float] = STRENGTHS,
    neighbours: Sequence[int] = NEIGHBOURHOODS,
    rates: Sequence[float] | Mapping[Labels, Sequence[float]] = RATES,
    updates: int | Mapping[Labels, int] = UPDATES,
    batch_size: int = BATCH_SIZE,
    augment: Augment | None = None,
    from_probe: bool = True,
) -> Downstream:
    """Evaluates any encoder on all measures, with few labels and with many.

    Args:
        encoder: images (N, 3, H, W) in [0, 1] -> features (N, D); stays as it is. Fine-tuning asks
            for its `feature_dim`.
        dataset: labels are drawn from `train`, settings chosen on `validation`, figures are `test`'s.
        per_class: how many labels a class; None: all.
        seeds: of the draws. With all labels there is nothing to draw: the first two measures are
            then taken once.
        measures: of "linear probe", "k-NN", "fine-tuning".
        strengths: the C's to choose from.
        neighbours: the k's to choose from, so far as there are as many pictures.
        rates: the learning rates to choose from; or labels a class -> rates.
        updates: steps of fine-tuning; or labels a class -> steps.
        batch_size: pictures an update of fine-tuning.
        augment: images -> images, in fine-tuning.
        from_probe: whether fine-tuning starts from the linear probe's head, so that good features are
            not spoilt on the way to a head [1]; else from a random one.

    Raises:
        ValueError: an unknown measure, or too few pictures for a draw.
    """
    if unknown := set(measures) - set(MEASURES):
        raise ValueError(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    tuning = {"batch_size": batch_size, "augment": augment}
    encoded = _Encoded(encoder, dataset, strengths, neighbours, tuning, from_probe)

    def measured(measure: str, labels: Labels, seed: int) -> Score:
        if measure != FINE_TUNING:
            return encoded.probed(measure, labels, seed)
        lrs = rates[labels] if isinstance(rates, Mapping) else rates
        steps = updates[labels] if isinstance(updates, Mapping) else updates
        return encoded.fine_tuned(labels, lrs, steps, seed)

    scores: dict[str, dict[Labels, tuple[Score, ...]]] = {measure: {} for measure in measures}
    for measure in measures:
        for labels in per_class:
            draws = seeds if labels is not None or measure == FINE_TUNING else seeds[:1]
            scores[measure][labels] = tuple(measured(measure, labels, seed) for seed in draws)
    return Downstream(scores)


class _Encoded:
    """An encoder with what it makes of each split, and the settings chosen for it, each found once."""

    def __init__(
        self,
        encoder: nn.Module,
        dataset: Dataset,
        strengths: Sequence[float],
        neighbours: Sequence[int],
        tuning: Mapping[str, Any],
        from_probe: bool,
    ) -> None:
        self.encoder, self.dataset = encoder, dataset
        self.strengths, self.neighbours = strengths, neighbours
        self.tuning, self.from_probe = tuning, from_probe
        self.features: dict[str, tuple[Tensor, Tensor]] = {}
        self.settings: dict[tuple[str, Labels, int], tuple[float, float]] = {}

    def seen(self, split: str) -> tuple[Tensor, Tensor]:
        if split not in self.features:
            batches = getattr(self.dataset, split).batches(_AT_ONCE)
            self.features[split] = extract_features(self.encoder, batches)
        return self.features[split]

    def drawn(self, per_class: Labels, seed: int) -> Tensor:
        return draw_labels(self.dataset.train.labels, per_class, seed)

    def probed(self, measure: str, per_class: Labels, seed: int) -> Score:
        """The linear probe or k-NN."""
        setting, reached = self._best_setting(measure, per_class, seed)
        test = self._accuracy(measure, self.drawn(per_class, seed), "test", setting)
        return Score(test, reached, setting, seed)

    def fine_tuned(
        self, per_class: Labels, rates: Sequence[float], updates: int, seed: int
    ) -> Score:
        head = self._probe(per_class, seed) if self.from_probe else None
        labelled = self.dataset.train[self.drawn(per_class, seed)]
        best: tuple[float, float, Classifier] | None = None
        for rate in rates:
            options = {"lr": rate, "updates": updates, "head": head, "seed": seed, **self.tuning}
            model = fine_tune(self.encoder, labelled, **options)
            reached = evaluate(model, self.dataset.validation)["accuracy"]
            if best is None or reached > best[0]:
                best = (reached, rate, model)
        if best is None:
            raise ValueError("no learning rate to try: `rates` is empty")
        reached, rate, model = best
        return Score(evaluate(model, self.dataset.test)["accuracy"], reached, rate, seed)

    def _probe(self, per_class: Labels, seed: int) -> nn.Linear:
        features, labels = self.seen("train")
        chosen = self.drawn(per_class, seed)
        strength, _ = self._best_setting(LINEAR, per_class, seed)
        return fit_linear(features[chosen], labels[chosen], C=strength)

    def _best_setting(self, measure: str, per_class: Labels, seed: int) -> tuple[float, float]:
        """(C or k, its validation accuracy)."""
        key = (measure, per_class, seed)
        if key not in self.settings:
            chosen = self.drawn(per_class, seed)
            small = [k for k in self.neighbours if k <= len(chosen)]
            settings = list(self.strengths) if measure == LINEAR else small
            reached = {s: self._accuracy(measure, chosen, "validation", s) for s in settings}
            best = max(reached, key=lambda setting: reached[setting])
            self.settings[key] = (best, reached[best])
        return self.settings[key]

    def _accuracy(self, measure: str, chosen: Tensor, split: str, setting: float) -> float:
        features, labels = self.seen("train")
        asked = (features[chosen], labels[chosen], *self.seen(split))
        if measure == LINEAR:
            return linear_probe(*asked, C=setting)
        return knn_accuracy(*asked, k=int(setting))
