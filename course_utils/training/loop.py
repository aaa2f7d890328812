"""The loop itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .. import device as devices
from .._progress import bar
from ..models.modes import evaluating
from .history import History
from .objectives import Mean, Metrics, Objective, classification
from .run import Run, Settings

Augment = Callable[[Tensor], Tensor]


class Batches(Protocol):
    """What `fit` needs of its data; `course_utils.data.Split` is one."""

    def __len__(self) -> int: ...

    def batches(
        self, batch_size: int, *, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]: ...


def fit(
    model: nn.Module,
    train: Batches,
    validation: Batches | None = None,
    *,
    epochs: int = 10,
    batch_size: int = 128,
    lr: float = 3e-3,
    weight_decay: float = 0.05,
    augment: Augment | None = None,
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
        RuntimeError: the loss is no longer a number.
    """
    _check(train, validation, epochs, batch_size, lr, early_stop)
    device = devices.pick(device)
    settings = Settings(epochs, batch_size, lr, weight_decay, early_stop, seed, len(train))
    run = Run(model.to(device), settings, device)
    path = Path(checkpoint) if checkpoint is not None else None
    with _own_randomness(device), bar(settings.steps, "training", progress, "batch") as shown:
        torch.manual_seed(seed)
        if path is not None and path.is_file():
            run.load(path)
            shown.update(len(run.history) * settings.steps_per_epoch)
        try:
            while not run.finished():
                _epoch(run, train, validation, augment, objective, shown)
                if path is not None:
                    run.save(path)
        except KeyboardInterrupt:
            run.history.interrupted = True
    if run.best is not None:
        model.load_state_dict(run.best)
    model.eval()
    if run.history.interrupted:
        _say_stopped(run, path)
    return run.history


def evaluate(
    model: nn.Module, data: Batches, objective: Objective = classification, batch_size: int = 256
) -> dict[str, float]:
    """The objective's means over `data`, in eval mode: {"loss": …, "accuracy": …}."""
    device = next(model.parameters()).device
    mean = Mean()

    def look(x: Tensor, y: Tensor) -> tuple[Metrics, int]:
        return objective(model, x, y), len(x)

    with evaluating(model), torch.no_grad():
        for x, y in data.batches(batch_size):
            for metrics, images in devices.halve_on_oom(look, (x.to(device), y.to(device))):
                mean.add(metrics, images)
    return mean.named()


def _epoch(
    run: Run,
    train: Batches,
    validation: Batches | None,
    augment: Augment | None,
    objective: Objective,
    shown: Any,
) -> None:
    began = time.perf_counter()
    entry: dict[str, float] = {"epoch": len(run.history) + 1}
    entry |= _pass(run, train, augment, objective, shown).named("train_")
    if not math.isfinite(entry["train_loss"]):
        raise RuntimeError(
            f"the loss is {entry['train_loss']} in epoch {entry['epoch']}: the training has diverged; "
            f"try a lower learning rate than lr={run.settings.lr}"
        )
    if validation is not None:
        means = evaluate(run.model, validation, objective, run.settings.batch_size)
        entry |= {f"validation_{name}": value for name, value in means.items()}
    entry["seconds"] = time.perf_counter() - began
    run.history.epochs.append(entry)
    if run.settings.early_stop is not None:
        run.keep_if_best()
    shown.set_postfix({name: f"{value:.3f}" for name, value in entry.items() if "_" in name})


def _pass(
    run: Run, train: Batches, augment: Augment | None, objective: Objective, shown: Any
) -> Mean:
    """Every training image once."""
    mean = Mean()
    step = len(run.history) * run.settings.steps_per_epoch
    run.model.train()
    for x, y in train.batches(run.settings.batch_size, shuffle=True, generator=run.order):
        step += 1
        x, y = x.to(run.device), y.to(run.device)
        if augment is not None:
            x = augment(x)
        mean.add(run.step(x, y, objective, step / run.settings.steps), len(x))
        shown.update()
    return mean


def _own_randomness(device: torch.device) -> AbstractContextManager:
    """The caller's random state is back afterwards."""
    if device.type in ("cuda", "xpu"):
        return torch.random.fork_rng([device], device_type=device.type)
    return torch.random.fork_rng([])


def _say_stopped(run: Run, path: Path | None) -> None:
    done = len(run.history)
    later = f"; call fit again to go on from {path}" if path is not None and done else ""
    print(
        f"Stopped by hand after {done} of {run.settings.epochs} epochs: "
        f"the model keeps what it has learnt{later}."
    )


def _check(
    train: Batches,
    validation: Batches | None,
    epochs: int,
    batch_size: int,
    lr: float,
    early_stop: int | None,
) -> None:
    if early_stop is not None and validation is None:
        raise ValueError("early_stop needs validation data to choose the best epoch by")
    counts = {
        "epochs": epochs,
        "batch_size": batch_size,
        "early_stop": 1 if early_stop is None else early_stop,
        "the number of training images": len(train),
        "the number of validation images": 1 if validation is None else len(validation),
    }
    for name, value in counts.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    if not 0 < lr < math.inf:
        raise ValueError(f"lr must be a number above 0, got {lr}")
