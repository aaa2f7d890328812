"""What the two tables of representations share: the encoders, and what was measured already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import torch
from tables import Found, network
from torch import nn

from course_utils.data.cache import cache_dir
from course_utils.models import Encoder

RANDOM, SCRATCH, SUPERVISED = "random encoder", "from scratch", "supervised"
PRETRAINED = {"rotation": "world_rotation", "patches": "world_patches", "SimCLR": "world_simclr"}


def untrained(seed: int) -> Encoder:
    torch.manual_seed(seed)
    return Encoder().eval()


def encoder_of(method: str, seed: int) -> nn.Module:
    if method in (RANDOM, SCRATCH):
        return untrained(seed)
    name = "world_classifier" if method == SUPERVISED else PRETRAINED[method]
    return network(name, seed).encoder  # type: ignore[return-value]


def kept(what: str, model: nn.Module, settings: Any, work: Callable[[], Found]) -> Found:
    """The outcome of `work`, from the cache folder where model and settings are the same."""
    mark = hashlib.sha256(repr(settings).encode())
    for tensor in model.state_dict().values():
        mark.update(tensor.cpu().contiguous().numpy().tobytes())
    file = cache_dir() / "benchmarks" / f"{what.replace(' ', '_')}-{mark.hexdigest()[:16]}.json"
    if not file.is_file():
        text = json.dumps(work())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))
