"""A training on its way: everything that changes from step to step, and its checkpoint."""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import device as devices
from .history import History
from .objectives import Metrics, Objective


@dataclass(frozen=True)
class Settings:
    """What must be the same for a checkpoint to be gone on with."""

    epochs: int
    batch_size: int
    lr: float
    weight_decay: float
    early_stop: int | None
    seed: int
    images: int

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.images // self.batch_size)

    @property
    def steps(self) -> int:
        return self.epochs * self.steps_per_epoch


def one_cycle(progress: float, warm_up: float = 0.15) -> float:
    """The learning rate's factor at `progress` in [0, 1]: a straight rise, then half a cosine to 0.

    After Smith, Topin: Super-convergence, arXiv 1708.07120, with the momentum left alone.
    """
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


class Run:
    def __init__(self, model: nn.Module, settings: Settings, device: torch.device) -> None:
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

    def step(self, x: Tensor, y: Tensor, objective: Objective, progress: float) -> Metrics:
        """One update on one batch; in pieces where the device's memory does not hold it whole."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.lr * one_cycle(progress)

        def forward_backward(x_piece: Tensor, y_piece: Tensor) -> Metrics:
            share = len(x_piece) / len(x)
            with devices.autocast(self.device):
                metrics = objective(self.model, x_piece, y_piece)
            self.scaler.scale(metrics["loss"] * share).backward()
            return {name: value.detach() * share for name, value in metrics.items()}

        parts = devices.halve_on_oom(
            forward_backward, (x, y), pieces=self.pieces, restart=self.optimizer.zero_grad
        )
        self.pieces = len(parts)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return {name: torch.stack([part[name] for part in parts]).sum() for name in parts[0]}

    def keep_if_best(self) -> None:
        best, last = self.history.best_epoch, len(self.history)
        if best is None or self.history.score(last) > self.history.score(best):
            self.best = copy.deepcopy(self.model.state_dict())
            self.history.best_epoch = last

    def finished(self) -> bool:
        patience, best = self.settings.early_stop, self.history.best_epoch
        impatient = (
            patience is not None and best is not None and len(self.history) - best >= patience
        )
        return impatient or len(self.history) >= self.settings.epochs

    def save(self, path: Path) -> None:
        """Writes all of it in one step: a crash leaves the old checkpoint or the new one."""
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
        """Goes on from a checkpoint.

        Raises:
            ValueError: it is damaged, or belongs to a training of another model or other settings.
        """
        state = _read(path)
        here, there = asdict(self.settings), state["settings"]
        if changed := [key for key in here if here[key] != there.get(key)]:
            told = ", ".join(f"{key} {there.get(key)} there, {here[key]} now" for key in changed)
            raise ValueError(
                f"checkpoint {path} belongs to a training with other settings ({told}): "
                "delete it, or name another file"
            )
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError:
            raise ValueError(
                f"checkpoint {path} belongs to another model: delete it, or name another file"
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.order.set_state(state["order"])
        torch.set_rng_state(state["random"])
        if state["device_random"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["device_random"], self.device)
        self.history = History(**state["history"])
        self.best = state["best"]


def _read(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state["settings"], dict):
            raise TypeError("settings")
        return state
    # What torch raises for a damaged file ranges from EOFError to UnpicklingError.
    except Exception as error:
        raise ValueError(
            f"checkpoint {path} cannot be read ({type(error).__name__}): delete it to start afresh"
        ) from None


def _device_random(device: torch.device) -> Tensor | None:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else None
