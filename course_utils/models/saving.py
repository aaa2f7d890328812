"""A model as plain data: its spec (what to build) and its weights (safetensors), never a pickle."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from reprlib import repr  # a stranger's spec may be huge: shown in short
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import nn

from .encoder import Classifier, Encoder

# A spec may come from a stranger: bounds that no model of the course needs to pass.
MAX_WIDTH = 512
MAX_CLASSES = 100_000


def spec(model: nn.Module) -> dict[str, Any]:
    """What `build` needs to make an untrained model of the same shape; JSON can hold it.

    Raises:
        TypeError: the model is not one of course_utils' own.
    """
    if type(model) is Encoder:
        return {"kind": "Encoder", "width": model.width}
    if type(model) is Classifier:
        return {
            "kind": "Classifier",
            "encoder": spec(model.encoder),
            "num_classes": model.num_classes,
        }
    raise TypeError(
        f"only course_utils' own models have a spec (Encoder, Classifier), not {type(model).__name__}"
    )


def build(spec: dict[str, Any]) -> Encoder | Classifier:
    """An untrained model from what `spec` returned.

    Raises:
        ValueError: not a spec, or a model larger than any of the course's.
    """
    kind = spec.get("kind") if isinstance(spec, dict) else None
    if kind == "Encoder":
        _expect(spec, {"width"})
        return Encoder(_whole(spec, "width", MAX_WIDTH))
    if kind == "Classifier":
        _expect(spec, {"encoder", "num_classes"})
        inner = spec["encoder"]
        # Looked at before it is followed: a spec nested a million deep must not exhaust the stack.
        if not isinstance(inner, dict) or inner.get("kind") != "Encoder":
            raise ValueError(f"a Classifier's encoder must be an Encoder, got {repr(inner)}")
        encoder = build(inner)
        assert isinstance(encoder, Encoder)
        return Classifier(encoder, _whole(spec, "num_classes", MAX_CLASSES))
    raise ValueError(f"not the spec of an Encoder or a Classifier: {repr(spec)}")


def _expect(spec: dict[str, Any], keys: set[str]) -> None:
    if spec.keys() != {"kind", *keys}:
        raise ValueError(
            f"the spec of a {spec['kind']} has kind, {', '.join(sorted(keys))}; got {repr(spec)}"
        )


def _whole(spec: dict[str, Any], key: str, most: int) -> int:
    value = spec[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(f"{key} must be a whole number from 1 to {most}, got {repr(value)}")
    return value


def save(model: nn.Module, path: str | Path, **facts: Any) -> None:
    """Writes weights, spec and `facts` (anything JSON can hold: seed, command, accuracy) to one file.

    The same model and facts make the same bytes, so a checksum tells whether a training was repeated.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()
    }
    metadata = {"spec": json.dumps(spec(model)), "facts": json.dumps(facts, sort_keys=True)}
    half_written = path.with_name(path.name + ".part")
    half_written.write_bytes(_sorted_header(to_bytes(tensors, metadata)))
    half_written.replace(path)


def _sorted_header(file: bytes) -> bytes:
    """safetensors writes its metadata in random order; here by name. (8 bytes length, JSON, tensors.)"""
    (length,) = struct.unpack("<Q", file[:8])
    header = json.dumps(json.loads(file[8 : 8 + length]), sort_keys=True, separators=(",", ":"))
    padded = header.encode().ljust(-(-len(header) // 8) * 8)  # the tensors stay aligned
    return struct.pack("<Q", len(padded)) + padded + file[8 + length :]


def load(path: str | Path, device: str | torch.device | None = None) -> Encoder | Classifier:
    """The model that `save` wrote, in eval mode on `device` (default: CPU).

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is not one of ours, or is damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no model file {path}")
    try:
        model = build(_metadata(path, "spec"))
        model.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is damaged or no model of course_utils: {error}") from None
    return model.eval().to(device or "cpu")


def facts(path: str | Path) -> dict[str, Any]:
    """What was said about the model when it was saved."""
    return _metadata(Path(path), "facts")


def _metadata(path: Path, key: str) -> dict[str, Any]:
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    if key not in metadata:
        raise ValueError(f"it has no {key!r} in its metadata")
    return json.loads(metadata[key])
