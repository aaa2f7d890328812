"""The figures that the benchmark scripts measured, for the lectures to draw: nobody retypes a number.

A table of `benchmarks/` writes its page beside the script, and its figures as `data/results/NAME.json`:

    {"script": …, "seeds": [0, 1, 2], "provisional": false, "figures": …}

Each figure is a list, one fraction a seed. What `figures` holds, the functions below know.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from course_utils import _shipped

LINEAR, NEIGHBOURS, FINE_TUNING = "linear probe", "k-NN", "fine-tuning"
BEST = "best"  # of linear probe and fine-tuning


@dataclass(frozen=True)
class Measured:
    """One figure over several seeds, as fractions."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return mean(self.values)

    @property
    def spread(self) -> float:
        """The standard deviation over seeds; 0 where there was one alone."""
        return stdev(self.values) if len(self.values) > 1 else 0.0

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} % ± {100 * self.spread:.1f}"


def folder() -> Path:
    """Where the results lie."""
    return _shipped.path("results")


def load(name: str) -> dict[str, Any]:
    """One page of results, as its script wrote it.

    Raises:
        ValueError: there are no results of that name; the message lists those there are.
    """
    path = folder() / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in folder().glob("*.json"))) or "none"
        raise ValueError(f"there are no results {name!r}; there are: {there}")
    return json.loads(path.read_text(encoding="utf-8"))


def save(name: str, page: dict[str, Any]) -> None:
    """Writes what `load` reads; for the scripts of `benchmarks/`."""
    folder().mkdir(parents=True, exist_ok=True)
    text = json.dumps(page, indent=1, ensure_ascii=False) + "\n"
    (folder() / f"{name}.json").write_text(text, encoding="utf-8")


def label_curves(
    measure: str = BEST, *, name: str = "selfsup_labels"
) -> dict[str, dict[int, Measured]]:
    """Accuracy against the number of labels, for each method.

    Args:
        measure: "linear probe", "k-NN", "fine-tuning"; or "best", for each method and number of
            labels the better of linear probe and fine-tuning on the validation split.
        name: of the results.

    Returns:
        method -> labels a class -> test accuracy. A method that the measure makes no sense for
        (training from scratch has no features to probe) is not there.

    Raises:
        ValueError: no such measure, or no results.
    """
    page = load(name)
    if measure not in (BEST, LINEAR, NEIGHBOURS, FINE_TUNING):
        raise ValueError(
            f"there is no measure {measure!r}; choose {BEST!r}, {LINEAR!r}, {NEIGHBOURS!r} or {FINE_TUNING!r}"
        )
    curves = {}
    for method, measures in page["figures"]["methods"].items():
        among = (LINEAR, FINE_TUNING) if measure == BEST else (measure,)
        tried = [measures[one] for one in among if one in measures]
        if tried:
            curves[method] = {int(labels): _better(tried, labels) for labels in tried[0]}
    return curves


def _better(tried: list[dict], labels: str) -> Measured:
    best = max(tried, key=lambda by_labels: mean(by_labels[labels]["validation"]))
    return Measured(tuple(best[labels]["test"]))


def pretext_accuracies(*, name: str = "selfsup_labels") -> dict[str, Measured]:
    """How well each method solves its own task: method -> accuracy on test pictures."""
    found = load(name)["figures"]["pretext"]
    return {method: Measured(tuple(accuracies["test"])) for method, accuracies in found.items()}


def head_against_encoder(*, name: str = "selfsup_labels") -> dict[str, dict[int, Measured]]:
    """SimCLR's features before and after its head: which -> labels a class -> linear probe's accuracy."""
    found = load(name)["figures"]["head"]
    return {
        which: {int(labels): Measured(tuple(scores["test"])) for labels, scores in curve.items()}
        for which, curve in found.items()
    }


def robustness(*, name: str = "selfsup_robustness") -> dict[str, dict[str, Measured]]:
    """Linear heads on five representations: what was done to the pictures -> method -> accuracy.

    The mean corruption error is not among them: see `corruption_error`. Of the clean pictures all
    count; the accuracy on those few that are attacked as well is on the page for people only.
    """
    return {
        condition: {method: Measured(tuple(values)) for method, values in methods.items()}
        for condition, methods in load(name)["figures"]["accuracy"].items()
        if condition != "clean, the attacked pictures"
    }


def corruption_error(*, name: str = "selfsup_robustness") -> dict[str, Measured]:
    """Mean corruption error of each method, relative to the supervised network's: 1 is as bad as that."""
    found = load(name)["figures"]["mean corruption error"]
    return {method: Measured(tuple(values)) for method, values in found.items()}


def ablation(
    measure: str = LINEAR, labels: int = 10, *, name: str = "simclr_ablation"
) -> dict[str, Measured]:
    """SimCLR pretrained with a step of its augmentation left out: what was left out -> accuracy."""
    ending = f": {measure}, {labels} a class"
    found = {
        key.removesuffix(ending): Measured(tuple(values))
        for key, values in load(name)["figures"].items()
        if key.endswith(ending)
    }
    if not found:
        raise ValueError(f"the ablation has no {measure} with {labels} labels a class")
    return found


def beyond(*, name: str = "beyond") -> dict[str, Measured]:
    """The tasks of lecture 6, "task: who" or "task, measure: who" -> an error or an accuracy.

    Errors (inpainting, colouring, video) are root mean squares as shares of the pixel range: smaller is
    better. Cluster accuracy, purity, balanced accuracy and the overlap of tracked masks are shares:
    larger is better.
    """
    return {row: Measured(tuple(values)) for row, values in load(name)["figures"].items()}
