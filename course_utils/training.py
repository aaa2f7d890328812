"""One training loop for the whole course, supervised or not."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import device as devices
from ._progress import bar
from .models.modes import evaluating

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Metrics = dict[str, Tensor]
Objective = Callable[[nn.Module, Tensor, Tensor], Metrics]


class Batches(Protocol):
    """What `fit` needs of its data; `course_utils.data.Split` is one."""

    def __len__(self) -> int: ...

    def batches(
        self, batch_size: int, *, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]: ...


def classification(model: nn.Module, x: Tensor, y: Tensor) -> Metrics:
    """The supervised objective: mean cross-entropy, and the accuracy beside it."""
    logits = model(x)  # (N, C)
    return {
        "loss": F.cross_entropy(logits, y),
        "accuracy": (logits.argmax(dim=1) == y).float().mean(),
    }


@dataclass
class History:
    """What happened, an entry an epoch: {"epoch": 1, "train_loss": …, "validation_accuracy": …, …}."""

    epochs: list[dict[str, float]] = field(default_factory=list)
    interrupted: bool = False
    best_epoch: int | None = None  # whose weights the model has, where early_stop put them back

    def __getitem__(self, name: str) -> list[float]:
        """One quantity over the epochs: history["validation_accuracy"]."""
        return [epoch[name] for epoch in self.epochs]

    def plot(self) -> Figure:
        """A figure: loss and, where there is one, accuracy against the epoch."""
        from matplotlib import pyplot as plt

        names = list(self.epochs[0]) if self.epochs else ["train_loss"]
        kinds = [name.removeprefix("train_") for name in names if name.startswith("train_")]
        figure, axes = plt.subplots(
            1, len(kinds), figsize=(4.5 * len(kinds), 3.2), squeeze=False, layout="constrained"
        )
        for axis, kind in zip(axes[0], kinds, strict=True):
            for part, style in (("train", "o--"), ("validation", "s-")):
                if f"{part}_{kind}" in names:
                    axis.plot(
                        self["epoch"], self[f"{part}_{kind}"], style, markersize=4, label=part
                    )
            axis.set(xlabel="epoch", ylabel=kind, title=f"{kind.capitalize()} while training")
            axis.grid(alpha=0.3)
            axis.legend()
        plt.close(figure)  # else a notebook would show it twice
        return figure


def one_cycle(progress: float, warm_up: float = 0.15) -> float:
    """The learning rate's factor at `progress` in [0, 1]: a straight rise, then half a cosine to 0.

    Smith: Super-convergence, arXiv 1708.07120, with the momentum left alone.
    """
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


@dataclass(frozen=True)
class _Settings:
    """What must be the same for a checkpoint to be gone on with."""

    epochs: int
    batch_size: int
    lr: float
    weight_decay: float
    early_stop: int | None
    seed: int
    images: int


class _Run:
    """A training on its way: everything a checkpoint has to hold."""

    def __init__(self, model: nn.Module, settings: _Settings, device: torch.device) -> None:
        self.model = model
        self.settings = settings
        self.device = device
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay
        )
        # float16 gradients underflow unless the loss is scaled up; bfloat16 and float32 need none.
        self.scaler = torch.amp.GradScaler(
            device.type, enabled=devices.half_dtype(device) == torch.float16
        )
        self.order = torch.Generator().manual_seed(settings.seed)
        self.history = History()
        self.best: dict[str, Tensor] | None = None
        self.pieces = 1

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.settings.images // self.settings.batch_size)

    def step(self, x: Tensor, y: Tensor, objective: Objective, progress: float) -> dict[str, float]:
        """One update on one batch; in pieces where the device's memory does not hold it whole."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.lr * one_cycle(progress)

        def forward_backward(x_piece: Tensor, y_piece: Tensor) -> tuple[float, Metrics]:
            share = len(x_piece) / len(x)
            with devices.autocast(self.device):
                metrics = objective(self.model, x_piece, y_piece)
            self.scaler.scale(metrics["loss"] * share).backward()
            return share, {name: value.detach() for name, value in metrics.items()}

        parts = devices.halve_on_oom(
            forward_backward, (x, y), pieces=self.pieces, restart=self.optimizer.zero_grad
        )
        self.pieces = len(parts)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return {
            name: sum(share * part[name].item() for share, part in parts) for name in parts[0][1]
        }

    def keep_if_best(self) -> None:
        scores = [_score(epoch) for epoch in self.history.epochs]
        if scores[-1] > max(scores[:-1], default=-math.inf):
            self.best = copy.deepcopy(self.model.state_dict())
            self.history.best_epoch = len(scores)

    def out_of_patience(self) -> bool:
        patience, best = self.settings.early_stop, self.history.best_epoch
        return (
            patience is not None
            and best is not None
            and len(self.history.epochs) - best >= patience
        )

    def save(self, path: Path) -> None:
        state = {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "order": self.order.get_state(),
            "random": torch.get_rng_state(),
            "device_random": _device_random(self.device),
            "history": asdict(self.history),
            "best": self.best,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        half_written = path.with_name(path.name + ".part")
        torch.save(state, half_written)
        half_written.replace(path)

    def load(self, path: Path) -> None:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            there = state["settings"]
        except Exception as error:
            raise ValueError(
                f"checkpoint {path} is damaged ({type(error).__name__}): delete it to start afresh"
            ) from None
        here = asdict(self.settings)
        changed = [
            f"{name} {there.get(name)!r} -> {here[name]!r}"
            for name in here
            if there.get(name) != here[name]
        ]
        if changed:
            raise ValueError(
                f"checkpoint {path} belongs to a training with other settings ({', '.join(changed)}): "
                "delete it or name another file"
            )
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError:
            raise ValueError(
                f"checkpoint {path} belongs to another model: delete it or name another file"
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.order.set_state(state["order"])
        torch.set_rng_state(state["random"])
        if state["device_random"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["device_random"], self.device)
        self.history = History(**state["history"])
        self.best = state["best"]


def _device_random(device: torch.device) -> Tensor | None:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else None


def _score(epoch: dict[str, float]) -> float:
    """How good an epoch was, larger is better: validation accuracy, else minus the validation loss."""
    return epoch.get("validation_accuracy", -epoch["validation_loss"])


def fit(
    model: nn.Module,
    train: Batches,
    validation: Batches | None = None,
    *,
    epochs: int = 10,
    batch_size: int = 128,
    lr: float = 3e-3,
    weight_decay: float = 0.05,
    augment: Callable[[Tensor], Tensor] | None = None,
    objective: Objective = classification,
    early_stop: int | None = None,
    checkpoint: str | Path | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    progress: bool = True,
) -> History:
    """Trains a model in place with AdamW and a one-cycle learning rate; leaves it in eval mode.

    Args:
        model: moved to `device`.
        train: images and labels (a data.Split).
        validation: looked at after each epoch; chooses the epoch when `early_stop` is set.
        epochs: how often to see every image.
        batch_size: images an update. What does not fit into a GPU's memory is worked in pieces.
        lr: the highest learning rate of the cycle.
        weight_decay: AdamW's.
        augment: images (B, 3, H, W) -> images, on each training batch; draws from torch's global
            generator, which `fit` seeds (and gives back as it was).
        objective: called as objective(model, x, y); returns {"loss": the mean loss to descend, …}
            with any further means to keep in the history. Self-supervision and adversarial training
            are other objectives in the same loop.
        early_stop: stop after this many epochs without a better validation accuracy (or loss), and
            put the best epoch's weights back.
        checkpoint: file written after each epoch. Where it exists already, training goes on from it,
            with the same result as without the interruption.
        seed: of the order of the images, of dropout and augmentation.
        device: default: the best there is.
        progress: show a bar.

    Returns:
        The history. Ctrl-C (or Jupyter's stop button) returns it too: the model keeps what it learnt.

    Raises:
        ValueError: settings that cannot be meant, or a checkpoint of another training.
    """
    if early_stop is not None and validation is None:
        raise ValueError("early_stop needs validation data to choose the best epoch by")
    for name, value in {"epochs": epochs, "batch_size": batch_size, "images": len(train)}.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    device = devices.pick(device)
    settings = _Settings(epochs, batch_size, lr, weight_decay, early_stop, seed, len(train))
    run = _Run(model.to(device), settings, device)
    forked = [device] if device.type == "cuda" else []
    with (
        torch.random.fork_rng(forked),
        bar(epochs * run.steps_per_epoch, "training", shown=progress, unit="batch") as shown,
    ):
        torch.manual_seed(seed)
        path = Path(checkpoint) if checkpoint is not None else None
        if path is not None and path.is_file():
            run.load(path)
            shown.update(len(run.history.epochs) * run.steps_per_epoch)
        try:
            while len(run.history.epochs) < epochs and not run.out_of_patience():
                _epoch(run, train, validation, augment, objective, shown)
                if path is not None:
                    run.save(path)
        except KeyboardInterrupt:
            run.history.interrupted = True
    if early_stop is not None and run.best is not None:
        model.load_state_dict(run.best)
    model.eval()
    if run.history.interrupted:
        print(_farewell(run, path))
    return run.history


def _farewell(run: _Run, path: Path | None) -> str:
    done = len(run.history.epochs)
    later = f"; call fit again to go on from {path}" if path is not None and done else ""
    return f"Stopped after {done} of {run.settings.epochs} epochs: the model keeps what it learnt{later}."


def _epoch(
    run: _Run,
    train: Batches,
    validation: Batches | None,
    augment: Callable[[Tensor], Tensor] | None,
    objective: Objective,
    shown: Any,
) -> None:
    began = time.perf_counter()
    number = len(run.history.epochs)
    total = run.settings.epochs * run.steps_per_epoch
    mean = _Mean()
    run.model.train()
    for i, (x, y) in enumerate(
        train.batches(run.settings.batch_size, shuffle=True, generator=run.order)
    ):
        x, y = x.to(run.device), y.to(run.device)
        if augment is not None:
            x = augment(x)
        progress = (number * run.steps_per_epoch + i + 1) / total
        mean.add(run.step(x, y, objective, progress), len(x))
        shown.update()
    row = {"epoch": number + 1, **mean.named("train_")}
    if validation is not None:
        row |= evaluate(run.model, validation, objective, run.settings.batch_size).named(
            "validation_"
        )
    row["seconds"] = time.perf_counter() - began
    run.history.epochs.append(row)
    if validation is not None:
        run.keep_if_best()
    shown.set_postfix({name: f"{value:.3f}" for name, value in row.items() if "_" in name})


class _Mean:
    """Means over images from means over batches."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.images = 0

    def add(self, metrics: dict[str, float], images: int) -> None:
        self.images += images
        for name, value in metrics.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * images

    def named(self, prefix: str) -> dict[str, float]:
        return {prefix + name: value / self.images for name, value in self.sums.items()}


def evaluate(
    model: nn.Module, data: Batches, objective: Objective = classification, batch_size: int = 256
) -> _Mean:
    device = next(model.parameters()).device
    mean = _Mean()
    with evaluating(model), torch.no_grad():
        for x, y in data.batches(batch_size):
            metrics = objective(model, x.to(device), y.to(device))
            mean.add({name: value.item() for name, value in metrics.items()}, len(x))
    return mean
