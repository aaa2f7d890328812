"""Arithmetic that is too delicate for 16 bits."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def full_precision(device: torch.device) -> AbstractContextManager:
    """Inside, autocast leaves the dtypes alone."""
    if (
        device.type == "mps"
    ):  # no autocast there in older versions of torch, and the course uses none
        return nullcontext()
    return torch.autocast(device.type, enabled=False)


def at_least_float32(x: Tensor) -> Tensor:
    return x if x.dtype in (torch.float32, torch.float64) else x.float()
