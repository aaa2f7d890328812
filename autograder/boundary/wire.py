"""Messages on a stream socket: a small structure and the blobs that it refers to.

    length of the structure (4 bytes) | number of blobs (4) | their lengths (8 each) | structure | blobs

The structure is msgpack; what is large (tensors, arrays, bytes) travels in the blobs, so that a
structure can be kept small enough to be read whatever a stranger put into it.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

import msgspec

MOST_STRUCTURE = 1_000_000
MOST_BLOBS = 20_000
MOST_BYTES = 64_000_000

_decode = msgspec.msgpack.Decoder().decode
_encode = msgspec.msgpack.Encoder().encode


class LineClosed(ConnectionError):
    """The other end is gone."""


class Malformed(Exception):
    """What came over the line is not what the other end should send."""


class TooLarge(Exception):
    """More than one message may hold."""


class Wire:
    """One end of a connected stream socket."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.broken = False  # nothing more can be read: where a message ends is not known

    def send(self, structure: Any, blobs: list[bytes]) -> None:
        """Raises TooLarge before anything is sent, LineClosed when nobody is there."""
        try:
            data = _encode(structure)
        except RecursionError:
            raise TooLarge("it is nested too deeply") from None
        total = sum(map(len, blobs))
        if len(data) > MOST_STRUCTURE or len(blobs) > MOST_BLOBS or total > MOST_BYTES:
            raise TooLarge(
                f"it has {len(data) + total:,} bytes in {1 + len(blobs):,} parts; "
                f"{MOST_BYTES:,} bytes may cross"
            )
        head = struct.pack(f"!II{len(blobs)}Q", len(data), len(blobs), *map(len, blobs))
        try:
            self._line.sendall(b"".join([head, data, *blobs]))
        except OSError as error:
            raise LineClosed(str(error)) from None

    def receive(self) -> tuple[Any, list[bytes]]:
        """The next message.

        Raises:
            LineClosed: the other end is gone.
            Malformed: it is no message, or larger than one may be.
        """
        length, count = struct.unpack("!II", self._take(8))
        if length > MOST_STRUCTURE or count > MOST_BLOBS:
            self.broken = True
            raise Malformed(f"a message of {length:,} bytes and {count:,} blobs")
        sizes = struct.unpack(f"!{count}Q", self._take(8 * count))
        if sum(sizes) > MOST_BYTES:
            self.broken = True
            raise Malformed(f"a message with {sum(sizes):,} bytes of data")
        data = self._take(length)
        blobs = [self._take(size) for size in sizes]
        try:
            return _decode(data), blobs
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Malformed(f"a message that can't be read ({type(error).__name__})") from None

    def close(self) -> None:
        self._line.close()

    def _take(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._line.recv(min(count - len(parts), 1 << 20))
            except OSError as error:
                raise LineClosed(str(error)) from None
            if not part:
                raise LineClosed("the line was closed")
            parts += part
        return bytes(parts)
