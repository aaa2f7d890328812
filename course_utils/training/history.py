"""What happened while training, epoch by epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLES = {"train": "o--", "validation": "s-"}


@dataclass(repr=False)
class History:
    """An entry an epoch: {"epoch": 1, "train_loss": …, "validation_accuracy": …, "seconds": …}.

    Attributes:
        epochs: the entries of the epochs that ran to their end.
        best_epoch: with early_stop, the epoch whose weights the model has.
        interrupted: the training was stopped by hand.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int | None = None
    interrupted: bool = False

    def __getitem__(self, name: str) -> list[float]:
        """One quantity over the epochs: history["validation_accuracy"]."""
        if self.epochs and name not in self.epochs[0]:
            raise KeyError(f"{name!r}; the history has: {', '.join(self.epochs[0])}")
        return [epoch[name] for epoch in self.epochs]

    def __len__(self) -> int:
        return len(self.epochs)

    def __repr__(self) -> str:
        facts = [f"{len(self)} epochs" + (", stopped by hand" if self.interrupted else "")]
        if self.best_epoch is not None:
            facts.append(f"weights of epoch {self.best_epoch}")
        if self.epochs:
            shown = self.epochs[(self.best_epoch or 0) - 1]
            facts += [f"{name} {value:.3f}" for name, value in shown.items() if "_" in name]
        return f"<History: {'; '.join(facts)}>"

    def score(self, epoch: int) -> tuple[float, float]:
        """How good an epoch (1, 2, …) was, more is better: by validation accuracy, then by its loss."""
        entry = self.epochs[epoch - 1]
        loss = entry["validation_loss"]
        return entry.get("validation_accuracy", 0.0), -loss if math.isfinite(loss) else -math.inf

    def plot(self) -> Figure:
        """A figure with one panel for each quantity (loss, accuracy …), train and validation in it."""
        from matplotlib import pyplot as plt

        names = list(self.epochs[0]) if self.epochs else ["train_loss"]
        quantities = [name.removeprefix("train_") for name in names if name.startswith("train_")]
        figure, axes = plt.subplots(
            1,
            len(quantities),
            figsize=(4.5 * len(quantities), 3.2),
            squeeze=False,
            layout="constrained",
        )
        for axis, quantity in zip(axes[0], quantities, strict=True):
            self._draw(axis, quantity)
        plt.close(figure)  # a notebook shows what is returned; left open, it would show it twice
        return figure

    def _draw(self, axis: Axes, quantity: str) -> None:
        from matplotlib.ticker import MaxNLocator

        drawn = [part for part in _STYLES if self.epochs and f"{part}_{quantity}" in self.epochs[0]]
        for part in drawn:
            values = self[f"{part}_{quantity}"]
            axis.plot(self["epoch"], values, _STYLES[part], markersize=4, label=part)
        if self.best_epoch is not None:
            axis.axvline(self.best_epoch, color="grey", linewidth=1, label="kept")
        axis.set(xlabel="epoch", ylabel=quantity, title=f"{quantity.capitalize()} while training")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.grid(alpha=0.3)
        if drawn:
            axis.legend()
