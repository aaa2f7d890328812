"""Optimizers and generators as plain data: the other end builds its own, and keeps it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .values import Packer, Unpacker

if TYPE_CHECKING:
    from .known import Known

_PLAIN = (type(None), bool, int, float, str)


def describe(optimizer: torch.optim.Optimizer, known: Known, packer: Packer) -> list[Any]:
    """[class, [[settings, [parameter …]] a group], [[parameter's number, name, value] …]].

    Raises:
        TypeError: not one of torch.optim's own, or it optimises what was not given before it.
    """
    kind = type(optimizer)
    if getattr(torch.optim, kind.__name__, None) is not kind:
        raise TypeError(f"a check can pass on the optimizers of torch.optim, not {kind.__name__}")
    groups = []
    for group in optimizer.param_groups:
        settings = {name: value for name, value in group.items() if name != "params"}
        parameters = [known.key_of(parameter) for parameter in group["params"]]
        if None in parameters:
            raise TypeError("pass on the model before the optimizer of its parameters")
        groups.append([packer.pack(settings), parameters])
    state = [
        [number, name, packer.tensor(value) if isinstance(value, Tensor) else None, value if isinstance(value, _PLAIN) else None]
        for number, entries in optimizer.state_dict()["state"].items()
        for name, value in entries.items()
    ]  # fmt: skip
    return [kind.__name__, groups, state]


def build(plain: Any, known: Known, unpacker: Unpacker) -> torch.optim.Optimizer:
    """An optimizer of one's own, on the parameters of this end."""
    name, groups, _ = plain
    kind = getattr(torch.optim, name)
    made = [
        {"params": [known[key] for key in parameters], **unpacker.unpack(settings)}
        for settings, parameters in groups
    ]  # fmt: skip
    optimizer = kind(made, lr=made[0].get("lr", 1e-3))
    update(optimizer, plain, unpacker)
    return optimizer


def update(optimizer: torch.optim.Optimizer, plain: Any, unpacker: Unpacker) -> None:
    """Settings and state as described; the parameters stay."""
    _, groups, entries = plain
    for group, (settings, _) in zip(optimizer.param_groups, groups, strict=True):
        group.update(unpacker.unpack(settings))
    state: dict[int, dict[str, Any]] = {}
    for number, name, tensor, value in entries:
        state.setdefault(number, {})[name] = value if tensor is None else unpacker.tensor(tensor)
    content = optimizer.state_dict()
    content["state"] = state
    optimizer.load_state_dict(content)


def fingerprint(value: torch.optim.Optimizer | torch.Generator) -> str:
    """Another one when settings or state have changed."""
    digest = hashlib.sha256()
    if isinstance(value, torch.Generator):
        digest.update(value.get_state().numpy().tobytes())
        return digest.hexdigest()
    content = value.state_dict()
    for group in content["param_groups"]:
        digest.update(repr(sorted(group.items(), key=lambda pair: pair[0])).encode())
    for number, entries in content["state"].items():
        for name, entry in entries.items():
            digest.update(f"{number} {name} ".encode())
            if isinstance(entry, Tensor):
                digest.update(entry.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes()
                              if entry.dim() else repr(entry.item()).encode())  # fmt: skip
            else:
                digest.update(repr(entry).encode())
    return digest.hexdigest()
