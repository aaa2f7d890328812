"""Random numbers without a state: each one is a hash of who asks and what for.

A picture's numbers depend on the seed, the picture's index and the name of the
quantity, and on nothing else: the 7th picture is the same in a batch of 10 and of
10,000, on CPU and GPU, and a new quantity leaves all the old ones as they were.

The 64-bit mixer is SplitMix64's (Steele, Lea, Flood 2014), the 32-bit one is
`lowbias32` (C. Wellons, hash-prospector, public domain).
"""

from __future__ import annotations

from zlib import crc32

import torch
from torch import Tensor

_WORD = 0xFFFFFFFF


def _signed(word: int) -> int:
    """A 64-bit word as the int64 with the same bits."""
    return word - (1 << 64) if word >= 1 << 63 else word


_GOLDEN = _signed(0x9E3779B97F4A7C15)
_FIRST = _signed(0xBF58476D1CE4E5B9)
_SECOND = _signed(0x94D049BB133111EB)


def _stream(name: str) -> int:
    """Where the numbers called `name` lie among all numbers of a key."""
    return _signed((crc32(name.encode()) * 0x9E3779B97F4A7C15) & ((1 << 64) - 1))


def _mix64(word: Tensor) -> Tensor:
    # torch's int64 shift copies the sign in, so the copied bits are masked away.
    word = (word ^ ((word >> 30) & ((1 << 34) - 1))) * _FIRST
    word = (word ^ ((word >> 27) & ((1 << 37) - 1))) * _SECOND
    return word ^ ((word >> 31) & ((1 << 33) - 1))


def _mix32(word: Tensor) -> Tensor:
    word = ((word ^ (word >> 16)) * 0x7FEB352D) & _WORD
    word = ((word ^ (word >> 15)) * 0x846CA68B) & _WORD
    return word ^ (word >> 16)


def keys(n: int, seed: int, first: int = 0) -> Tensor:
    """One 64-bit key a picture: (n,) int64 on the CPU, a hash of the seed and the picture's index."""
    start = _mix64(torch.tensor([_signed(seed & ((1 << 64) - 1))]) + _GOLDEN)
    index = torch.arange(first + 1, first + n + 1)
    return _mix64(start + index * _GOLDEN)


def uniform(key: Tensor, name: str) -> Tensor:
    """The quantity `name` of each picture, uniform in [0, 1): (N,) float32."""
    word = _mix64(key + _stream(name))
    return ((word >> 40) & 0xFFFFFF).float() * 2.0**-24


def between(key: Tensor, name: str, low: float, high: float) -> Tensor:
    """The quantity `name`, uniform in [low, high): (N,) float32."""
    return low + (high - low) * uniform(key, name)


def choice(key: Tensor, name: str, count: int) -> Tensor:
    """The quantity `name`, uniform among 0 .. count - 1: (N,) int64."""
    return (uniform(key, name) * count).long()


def lattice(key: Tensor, name: str, rows: int, columns: int) -> Tensor:
    """White noise on a grid, uniform in [-1, 1): (N, rows, columns) float32 on the key's device."""
    word = _mix64(key + _stream(name)) & _WORD
    place = torch.arange(rows * columns, device=key.device)
    spread = (place * 0x9E3779B1) & _WORD
    noise = _mix32(word[:, None] ^ spread)  # (N, rows * columns)
    return (noise.float() * 2.0**-31 - 1).view(-1, rows, columns)
