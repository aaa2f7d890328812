"""One evaluation for every representation: three measures, few labels and many, several draws.

A pretext task is not judged by itself but by what its features are worth downstream. Every choice
(C, k, learning rate) falls on the validation split; the test split is looked at once for each.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from torch import Tensor, nn

from ..data.dataset import Dataset, Split
from ..training import evaluate
from ..training.loop import Augment
from .probes import draw_labels, extract_features, fine_tune, knn_accuracy, linear_probe

Labels = int | None  # labels a class; None: all there are

LINEAR, NEIGHBOURS, FINE_TUNING = "linear probe", "k-NN", "fine-tuning"
MEASURES = (LINEAR, NEIGHBOURS, FINE_TUNING)

STRENGTHS = (0.001, 0.01, 0.1, 1.0, 10.0)
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

    Raises:
        ValueError: an unknown measure, or too few pictures for a draw.
    """
    if unknown := set(measures) - set(MEASURES):
        raise ValueError(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    features: dict[str, tuple[Tensor, Tensor]] = {}
    if set(measures) - {FINE_TUNING}:
        splits = {name: getattr(dataset, name) for name in ("train", "validation", "test")}
        features = {n: extract_features(encoder, s.batches(_AT_ONCE)) for n, s in splits.items()}

    def measured(measure: str, labels: Labels, seed: int) -> Score:
        chosen = draw_labels(dataset.train.labels, labels, seed)
        if measure == FINE_TUNING:
            lrs = rates[labels] if isinstance(rates, Mapping) else rates
            steps = updates[labels] if isinstance(updates, Mapping) else updates
            return _fine_tuned(
                encoder, dataset, dataset.train[chosen], lrs, seed,
                updates=steps, batch_size=batch_size, augment=augment,
            )  # fmt: skip
        train, y = features["train"]
        settings = strengths if measure == LINEAR else [k for k in neighbours if k <= len(chosen)]
        return _probed(measure, (train[chosen], y[chosen]), features, settings, seed)

    return Downstream(
        {
            measure: {
                labels: tuple(measured(measure, labels, seed) for seed in _draws(measure, labels, seeds))
                for labels in per_class
            }
            for measure in measures
        }
    )  # fmt: skip


def _draws(measure: str, per_class: Labels, seeds: Sequence[int]) -> Sequence[int]:
    return seeds if per_class is not None or measure == FINE_TUNING else seeds[:1]


def _probed(
    measure: str,
    train: tuple[Tensor, Tensor],
    features: Mapping[str, tuple[Tensor, Tensor]],
    settings: Sequence[float],
    seed: int,
) -> Score:
    def accuracy(on: str, setting: float) -> float:
        if measure == LINEAR:
            return linear_probe(*train, *features[on], C=setting)
        return knn_accuracy(*train, *features[on], k=int(setting))

    reached = {setting: accuracy("validation", setting) for setting in settings}
    best = max(reached, key=lambda setting: reached[setting])
    return Score(accuracy("test", best), reached[best], best, seed)


def _fine_tuned(
    encoder: nn.Module,
    dataset: Dataset,
    labelled: Split,
    rates: Sequence[float],
    seed: int,
    **options,
) -> Score:
    found = {rate: fine_tune(encoder, labelled, lr=rate, seed=seed, **options) for rate in rates}
    reached = {
        rate: evaluate(model, dataset.validation)["accuracy"] for rate, model in found.items()
    }
    best = max(reached, key=lambda rate: reached[rate])
    return Score(evaluate(found[best], dataset.test)["accuracy"], reached[best], best, seed)
