"""Parsed data kept as safetensors: the second load reads bytes instead of unpacking an archive."""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

_TYPES = {torch.uint8: "U8", torch.int64: "I64"}

Parsed = tuple[dict[str, Tensor], dict[str, str]]


def read(path: Path, recipe: str) -> Parsed | None:
    """(tensors, facts) as they were written; None when there is nothing usable under that name.

    Args:
        path: the cache file.
        recipe: what it must have been made by; a file of another recipe is ignored.

    A damaged file is said so in one line.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            facts = dict(file.metadata() or {})
            if facts.pop("recipe", None) != recipe:
                return None
            checksums = json.loads(facts.pop("crc32"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if checksums != {name: _checksum(tensor) for name, tensor in tensors.items()}:
            raise ValueError("its checksum is wrong")
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        print(f"The cached copy {path} is damaged ({why}): making it again.", flush=True)
        return None
    return tensors, facts


def write(path: Path, recipe: str, tensors: dict[str, Tensor], facts: dict[str, str]) -> None:
    """Keeps CPU tensors (uint8, int64) and string facts; a disk that refuses costs only the cache."""
    # Private to this process, so that two of them never write into one file.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    checksums = {name: _checksum(tensor) for name, tensor in tensors.items()}
    metadata = {**facts, "recipe": recipe, "crc32": json.dumps(checksums)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(temporary, tensors, metadata)
        os.replace(temporary, path)
    except OSError as error:
        print(
            f"{path} could not be written ({error.strerror or error}): the next load will take as long "
            "as this one. COURSE_CACHE may name another folder.",
            flush=True,
        )
    finally:
        with suppress(OSError):  # there only when something went wrong, Ctrl-C included
            temporary.unlink()


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """The safetensors format, written from the tensors' own memory: its library copies them first,
    and STL-10's unlabelled part is 2.8 GB."""
    header: dict[str, object] = {"__metadata__": metadata}
    end = 0
    # Widest type first keeps every tensor aligned to its elements.
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    for name, tensor in ordered:
        start, end = end, end + tensor.numel() * tensor.element_size()
        shape = list(tensor.shape)
        header[name] = {"dtype": _TYPES[tensor.dtype], "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, tensor in ordered:
            file.write(_bytes(tensor))


def _bytes(tensor: Tensor) -> memoryview:
    # An empty memoryview can't be cast.
    return (
        tensor.contiguous().view(-1).numpy().data.cast("B") if tensor.numel() else memoryview(b"")
    )


def _checksum(tensor: Tensor) -> int:
    return zlib.crc32(_bytes(tensor))
