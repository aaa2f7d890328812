"""Values as plain data: what msgpack holds, lists with a tag for the rest, blobs for tensors.

None, booleans, whole numbers, floats and strings stand for themselves; everything else is a list
whose first entry says what it is. Nothing is ever unpickled or looked up by a name from the line.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, defaultdict
from typing import Any, Protocol

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from .wire import Malformed

MOST_DEPTH = 40
_MOST_DIGITS = 2000
_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.bool, torch.uint8),
        *(torch.int8, torch.int16, torch.int32, torch.int64, torch.complex64, torch.complex128),
    )
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_ARRAYS = "?bBhHiIlLqQefd"
# The standard library's own kinds of dictionary cross as plain ones.
_DICTIONARIES = (Counter, OrderedDict, defaultdict)
_SEQUENCES: dict[Any, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}
_MAKERS: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


class Foreign:
    """Stands for an answer that is no plain data; its class bears the name of the answer's class."""

    def __repr__(self) -> str:
        return f"<an object of class {type(self).__name__}>"


class Objects(Protocol):
    """What has an identity: both sides know it by a key. See `known`."""

    def keep(self, value: Any, packer: Packer) -> int: ...

    def kept(self, key: Any, value: Any) -> Any: ...

    def pack(self, value: Any, packer: Packer) -> list[Any] | None: ...

    def unpack(self, plain: list[Any], unpacker: Unpacker) -> Any: ...


class Packer:
    """Turns the values of one message into plain data.

    Args:
        answering: whether the message answers a call; else it makes one.

    Attributes:
        blobs: what the message carries beside its structure.
        graph: tensors in it that carry a graph, in order: through them gradients come back.
    """

    def __init__(self, objects: Objects, answering: bool = False) -> None:
        self._objects, self.answering = objects, answering
        self.blobs: list[bytes] = []
        self.graph: list[Tensor] = []

    def pack(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 63 else ["int", _digits(value)]
        if depth > MOST_DEPTH:
            return _foreign(value, "nested too deeply")
        if kind in _DICTIONARIES:
            value, kind = dict(value), dict
        if kind in _SEQUENCES or kind is dict:
            plain = self.contents(value, depth)
            key = self._objects.keep(value, self)
            return ["kept", key, plain] if key else plain
        known = self._objects.pack(value, self)
        return known if known is not None else self._single(value)

    def contents(self, value: Any, depth: int = 0) -> list[Any]:
        """What a container holds."""
        if type(value) is dict:
            pairs = [[self.pack(part, depth + 1) for part in pair] for pair in value.items()]
            return ["dict", *pairs]
        return [_SEQUENCES[type(value)], *(self.pack(entry, depth + 1) for entry in value)]

    def _single(self, value: Any) -> list[Any]:
        if type(value) is bytes:
            return ["bytes", self.blob(value)]
        if type(value) is complex:
            return ["complex", value.real, value.imag]
        if isinstance(value, torch.dtype) and value in _NAMES:
            return ["dtype", _NAMES[value]]
        if isinstance(value, torch.device):
            return ["device", str(value)]
        if type(value) is torch.Size:
            return ["size", *value]
        if type(value) is np.ndarray and value.dtype.char in _ARRAYS:
            data = np.ascontiguousarray(value)
            return ["array", value.dtype.char, list(value.shape), self.blob(data.tobytes())]
        if isinstance(value, np.generic) and value.dtype.char in _ARRAYS:
            return ["scalar", value.dtype.char, self.blob(value.tobytes())]
        return _foreign(value)

    def tensor(self, value: Tensor) -> int:
        """The tensor's numbers as a blob.

        Raises:
            ValueError: a tensor that has no numbers in rows (sparse, quantised, meta …).
        """
        value = value.detach()
        if value.layout != torch.strided or value.device.type == "meta" or value.is_quantized:
            raise ValueError("not a dense tensor")
        value = value.cpu().resolve_conj().resolve_neg().contiguous()
        return self.blob(safetensors.torch.save({"": value}))

    def blob(self, data: bytes) -> int:
        self.blobs.append(data)
        return len(self.blobs) - 1


class Unpacker:
    """Turns the plain data of one message back into values.

    Args:
        outputs: tensors of the message that carry a graph, already joined to this side's.
    """

    def __init__(
        self, objects: Objects, blobs: list[bytes], outputs: list[Tensor] | None = None
    ) -> None:
        self._objects, self._blobs, self.outputs = objects, blobs, outputs or []
        self.inputs: list[Tensor] = []  # that gradients are wanted for
        self.foreign: list[str] = []  # what poses as something that it is not

    def unpack(self, plain: Any, depth: int = 0) -> Any:
        """Raises Malformed."""
        if plain is None or isinstance(plain, bool | int | float | str):
            return plain
        if not isinstance(plain, list) or not plain or depth > MOST_DEPTH + 2:
            raise Malformed(f"a value that is a bare {type(plain).__name__}")
        tag, rest = plain[0], plain[1:]
        try:
            if tag in _MAKERS:
                return _MAKERS[tag](self.unpack(entry, depth + 1) for entry in rest)
            if tag == "dict":
                return {
                    self.unpack(key, depth + 1): self.unpack(value, depth + 1)
                    for key, value in rest
                }
            if tag == "kept":
                return self._objects.kept(rest[0], self.unpack(rest[1], depth + 1))
            return self._single(tag, rest)
        except Malformed:
            raise
        except Exception as error:
            raise Malformed(f"a damaged {tag!r:.40} ({type(error).__name__})") from None

    def _single(self, tag: str, rest: list[Any]) -> Any:
        if tag == "int":
            return _whole(rest[0])
        if tag == "bytes":
            return self.blob(rest[0])
        if tag == "complex":
            return complex(rest[0], rest[1])
        if tag == "dtype":
            return _DTYPES[rest[0]]
        if tag == "device":
            return torch.device(rest[0])
        if tag == "size":
            return torch.Size(rest)
        if tag == "array":
            array = np.frombuffer(self.blob(rest[2]), dtype=_array_type(rest[0]))
            return array.reshape(rest[1]).copy()
        if tag == "scalar":
            return np.frombuffer(self.blob(rest[1]), dtype=_array_type(rest[0]))[0]
        if tag == "output":
            return self.outputs[_index(rest[0])]
        if tag == "foreign":
            if rest[1]:
                words = f"answered with {rest[0]!s:.60}: {rest[1]!s:.80}"
                self.foreign.append("".join(filter(str.isprintable, words)))
            return _stand_in(rest[0])
        return self._objects.unpack([tag, *rest], self)

    def tensor(self, index: Any) -> Tensor:
        """A tensor of its own, on the CPU."""
        found = safetensors.torch.load(self.blob(index))
        if list(found) != [""]:
            raise Malformed("a tensor without its numbers")
        return found[""]

    def blob(self, index: Any) -> bytes:
        return self._blobs[_index(index)]


def _index(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise Malformed("a reference to nothing")
    return value


def _array_type(char: Any) -> np.dtype:
    if not isinstance(char, str) or len(char) != 1 or char not in _ARRAYS:
        raise Malformed("an array of unknown type")
    return np.dtype(char)


def _digits(value: int) -> str:
    return hex(value) if value.bit_length() < 4 * _MOST_DIGITS else "0x0"


def _whole(text: Any) -> int:
    if not isinstance(text, str) or len(text) > _MOST_DIGITS + 3:
        raise Malformed("a whole number without digits")
    return int(text, 16)


def _foreign(value: Any, why: str = "") -> list[Any]:
    """What is no plain data goes by its class's name; `why` where it was made to look like plain data."""
    kind = type(value)
    own = kind.__module__ == "__main__"
    pose = next(
        (
            base.__name__
            for base in (Tensor, float, int, str, tuple, list)
            if own and issubclass(kind, base)
        ),
        "",
    )
    if pose:
        why = f"a class of the submission's own that poses as {pose}"
    elif own and not issubclass(kind, nn.Module) and "__eq__" in vars(kind):
        why = "a class of the submission's own with its own ideas of equality"
    return ["foreign", _name_of(value)[:60], why]


def _name_of(value: Any) -> str:
    """The class's name; of a tensor without rows of numbers, what kind it is."""
    if type(value) is not Tensor:
        return str(type(value).__name__)
    if value.is_quantized:
        return "quantized_Tensor"
    if value.layout != torch.strided:
        return f"{str(value.layout).removeprefix('torch.')}_Tensor"
    return f"{'oversized' if value.device.type == 'cpu' else value.device.type}_Tensor"


def _stand_in(name: Any) -> Foreign:
    clean = re.sub(r"\W", "_", str(name))[:60] or "object"
    return type(clean, (Foreign,), {})()
