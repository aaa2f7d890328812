"""A function must leave its inputs and the model as it found them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.check.effects import changing
from course_utils.check.words import fail


@contextmanager
def unchanged(*things: nn.Module | Tensor | list | dict | set) -> Iterator[None]:
    """Fails when, at the end of the block, one of `things` is not as it was at its start.

    A tensor: its numbers, `requires_grad` and `.grad`. A module: every submodule's training flag,
    every parameter's numbers, `requires_grad` and `.grad`, every buffer's numbers. A list, a
    dictionary or a set: its entries, and what they hold in turn.
    """
    before = [_snapshot(thing) for thing in things]
    with changing(*things):
        yield
    for thing, then in zip(things, before, strict=True):
        _compare(thing, then)


def _snapshot(thing: Any) -> dict:
    if isinstance(thing, Tensor):
        return _tensor_state(thing)
    if not isinstance(thing, nn.Module):
        return {"entries": _entries(thing), "within": [_snapshot(e) for e in _holders(thing)]}
    return {
        "flags": {name: module.training for name, module in thing.named_modules()},
        "parameters": {name: _tensor_state(p) for name, p in thing.named_parameters()},
        "buffers": {name: buffer.clone() for name, buffer in thing.named_buffers()},
    }


def _tensor_state(tensor: Tensor) -> dict:
    return {
        "value": tensor.detach().clone(),
        "requires_grad": tensor.requires_grad,
        "grad": None if tensor.grad is None else tensor.grad.detach().clone(),
    }


def _entries(thing: Any) -> list[Any]:
    """What can be compared at once, and places for the rest."""
    pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
    told = [(key, id(entry) if _is_holder(entry) else entry) for key, entry in pairs]
    return sorted(map(repr, thing)) if isinstance(thing, set) else told


def _holders(thing: Any) -> list[Any]:
    found = thing.values() if isinstance(thing, dict) else thing
    return [entry for entry in found if _is_holder(entry)]


def _is_holder(entry: Any) -> bool:
    return isinstance(entry, Tensor | nn.Module | list | tuple | dict | set)


def _compare(thing: Any, then: dict) -> None:
    if isinstance(thing, Tensor):
        _compare_input(thing, then)
        return
    if not isinstance(thing, nn.Module):
        if _entries(thing) != then["entries"]:
            fail(f"the {type(thing).__name__} that was given has changed: build a new one")
        for entry, before in zip(_holders(thing), then["within"], strict=True):
            _compare(entry, before)
        return
    for name, module in thing.named_modules():
        if module.training != then["flags"][name]:
            _fail_for_flag(name, then["flags"][name])
    for name, parameter in thing.named_parameters():
        _compare_parameter(name, parameter, then["parameters"][name])
    for name, buffer in thing.named_buffers():
        if not torch.equal(buffer, then["buffers"][name]):
            fail(
                f"the model's running statistics changed ({name}): it worked in train mode; "
                "put it in eval mode while you use it"
            )


def _compare_input(tensor: Tensor, then: dict) -> None:
    if not torch.equal(tensor.detach(), then["value"]):
        fail(
            "an input was written into: work on a copy (`x.detach().clone()`), not on the caller's tensor"
        )
    if tensor.requires_grad != then["requires_grad"]:
        fail(
            "an input was left with requires_grad=True: work on `x.detach().clone()`, not on the caller's tensor"
        )
    if not _same_grad(tensor, then):
        fail(
            "an input was left with a `.grad`: work on `x.detach().clone()`, not on the caller's tensor"
        )


def _compare_parameter(name: str, parameter: Tensor, then: dict) -> None:
    if not torch.equal(parameter.detach(), then["value"]):
        fail(f"the model's parameter {name} was changed: only the image may change")
    if parameter.requires_grad != then["requires_grad"]:
        fail(
            f"the model's parameter {name} was left with requires_grad={parameter.requires_grad}: restore it"
        )
    if not _same_grad(parameter, then):
        if parameter.grad is None:
            fail(
                f"the `.grad` of the model's parameter {name} was lost: do not call zero_grad(); "
                "`torch.autograd.grad(loss, x)` touches no parameter"
            )
        fail(
            f"the `.grad` of the model's parameter {name} was changed: `loss.backward()` fills the gradients "
            "of all parameters; `torch.autograd.grad(loss, x)` touches none"
        )


def _same_grad(tensor: Tensor, then: dict) -> bool:
    if tensor.grad is None or then["grad"] is None:
        return tensor.grad is None and then["grad"] is None
    return torch.equal(tensor.grad, then["grad"])


def _fail_for_flag(name: str, was_training: bool) -> None:
    layer = f"the layer `{name}`" if name else "the model"
    mode, other = ("train", "eval") if was_training else ("eval", "train")
    fail(
        f"{layer} was in {mode} mode before the call and is in {other} mode after it: "
        "give every submodule its own flag back (`with models.evaluating(model):` does)"
    )
