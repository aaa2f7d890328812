"""Its end of the line sends bytes that are no message: lengths of gigabytes, half a message, noise."""

from tests.banks.pieces import CRAFTED_EXCEPTION

CRAFTS = r"""import os
import struct
import zlib

from boundary import wire

DATA = [
    struct.pack("!II", 2**32 - 1, 0), struct.pack("!II", 0, 2**32 - 1), struct.pack("!IIQ", 1, 1, 2**63),
    struct.pack("!II", 5, 0) + b"\xdd\xff\xff\xff\xff", struct.pack("!II", 1000, 0) + b"\x91" * 1000,
    struct.pack("!II", 5, 0) + b"\xc6\xff\xff\xff\xff", b"HTTP/1.1 200 OK\r\n\r\n", os.urandom(1 << 20),
    struct.pack("!II", 4, 0) + b"\xa3\xff\xff\xff", struct.pack("!II", 3, 0) + b"\xc7\x01\x7f",
    struct.pack("!II", 6, 20_000) + bytes(160_000) + b"\x81\xa2do\xc0\0",
]
"""

SENDING = r"""

send = wire.Wire.send


def crafted_send(self, structure, blobs):
    if structure.get("do") == "raised" and "Crafted" in structure["error"]["kinds"]:
        self._line.sendall(CHOSEN.pop())
    else:
        send(self, structure, blobs)


wire.Wire.send = crafted_send
"""

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise Crafted(pick(DATA, x_adv))


# @worst_case_shift
def worst_case_shift(w, eps):
    raise Crafted(pick(DATA, w))
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FUNCTIONS,
        CRAFTS + CRAFTED_EXCEPTION + SENDING,
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
