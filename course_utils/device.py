"""Which device, which precision, which seed; and what to do when a batch does not fit."""

from __future__ import annotations

import os
import platform
import random
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")
Size = TypeVar("Size")

KINDS = ("cuda", "mps", "xpu", "cpu")  # best first


def available() -> list[str]:
    """The kinds of device this machine has, best first; "cpu" is always the last."""
    return [kind for kind in KINDS if _has(kind)]


def _has(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    if kind == "xpu":
        return hasattr(torch, "xpu") and torch.xpu.is_available()
    return kind == "cpu"


def pick(prefer: str | torch.device | None = None) -> torch.device:
    """The device to work on: `prefer` when given, else the best there is.

    Raises:
        ValueError: this machine does not have the device that was asked for.
    """
    if prefer is None:
        return torch.device(available()[0])
    try:
        device = torch.device(prefer)
    except RuntimeError:
        raise ValueError(f"{prefer!r} is no device; this machine has: {_names()}") from None
    if not _has(device.type):
        raise ValueError(f"no {device.type} device here; this machine has: {_names()}")
    return device


def _names() -> str:
    return ", ".join(available())


def describe(device: str | torch.device | None = None) -> str:
    """One line for a notebook's first cell: the device, its memory or cores, torch's version."""
    device = pick(device)
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        where = f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB"
    elif device.type == "xpu":
        where = torch.xpu.get_device_name(device)
    elif device.type == "mps":
        where = f"Apple GPU ({platform.machine()})"
    else:
        where = f"{os.cpu_count() or 1} cores, {torch.get_num_threads()} in use"
    precision = half_dtype(device)
    in_precision = f", mixed precision {str(precision).removeprefix('torch.')}" if precision else ""
    return f"{device}: {where}{in_precision}; torch {torch.__version__}"


def half_dtype(device: str | torch.device) -> torch.dtype | None:
    """The 16-bit type worth training in on `device`, or None where float32 is the better choice.

    bfloat16 keeps float32's range and needs no loss scaling; NVIDIA has it in hardware from compute
    capability 8.0 on (Colab's T4 is 7.5 and only emulates it, so it gets float16).
    """
    device = torch.device(device)
    if device.type == "cuda":
        return (
            torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float16
        )
    if device.type == "xpu":
        return torch.bfloat16
    return None


def autocast(device: str | torch.device) -> AbstractContextManager:
    """Mixed precision while training on a GPU; does nothing on a CPU."""
    dtype = half_dtype(device)
    if dtype is None:
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=dtype)


def sized(*, cpu: Size, gpu: Size, device: str | torch.device | None = None) -> Size:
    """How much to do where this runs: `gpu` on a GPU that trains in 16 bits, else `cpu`.

    A notebook asks with the sizes that a lecture has time for: pictures, epochs, a batch, an image's side.

    Args:
        cpu, gpu: anything, both of one kind.
        device: default: the one that `pick` picks.
    """
    return cpu if half_dtype(pick(device)) is None else gpu


def seed_everything(seed: int) -> torch.Generator:
    """Seeds Python, NumPy and torch on every device; returns a CPU generator with the same seed."""
    import numpy

    random.seed(seed)
    numpy.random.seed(seed % 2**32)  # noqa: NPY002  libraries draw from the global generator
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def halve_on_oom(
    fn: Callable[..., Result],
    batch: Sequence[Tensor],
    *,
    pieces: int = 1,
    restart: Callable[[], object] | None = None,
) -> list[Result]:
    """Calls `fn(*batch)`; where that runs out of device memory, on halves, quarters … of the batch.

    Args:
        fn: takes tensors of one common length N, all cut alike.
        batch: the tensors, (N, …) each.
        pieces: how many pieces to begin with (what an earlier call needed: the length of its answer).
        restart: called before every attempt, to undo what a failed one left half done.

    Returns:
        fn's results for the pieces, in the batch's order; a list of one when all of it fitted.

    Raises:
        torch.cuda.OutOfMemoryError: a single image does not fit either.
    """
    size = len(batch[0])
    while True:
        if restart is not None:
            restart()
        chunks = zip(*(_cut(tensor, pieces) for tensor in batch), strict=True)
        try:
            return [fn(*chunk) for chunk in chunks]
        except (torch.cuda.OutOfMemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error) or pieces >= size:
                raise
        # Outside the except block: the traceback would keep the failed attempt's tensors alive.
        pieces = min(2 * pieces, size)
        _free_cached_memory()
        warnings.warn(
            f"a batch of {size} does not fit into the device's memory: "
            f"working in pieces of {-(-size // pieces)} instead",
            stacklevel=2,
        )


def _cut(tensor: Tensor, pieces: int) -> tuple[Tensor, ...]:
    return tensor.tensor_split(min(pieces, max(len(tensor), 1)))


def _is_out_of_memory(error: BaseException) -> bool:
    # Apple's backend has no error class of its own for it.
    return isinstance(error, torch.cuda.OutOfMemoryError) or "backend out of memory" in str(error)


def _free_cached_memory() -> None:
    for kind in ("cuda", "mps", "xpu"):
        if _has(kind):
            getattr(torch, kind).empty_cache()
