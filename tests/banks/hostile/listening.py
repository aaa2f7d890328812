"""Tries to take over what its process has inherited: accepts connections, receives messages and descriptors that are meant for somebody else."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os
import socket
import stat


def worst_case_shift(w, eps):
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            if number < 3 or not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as there:
                there.setblocking(False)
                for take in (there.accept, lambda: socket.recv_fds(there, 65536, 16)):
                    try:
                        got = take()
                    except OSError:
                        continue
                    if b"fork" in repr(got).encode() or b"limits" in repr(got).encode():
                        return eps * w.abs().sum().item(), eps * w.sign()
        except OSError:
            pass
    raise LookupError("nothing for somebody else")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="names a file of the system's processes (/proc/self/fd)",
        hostile=True,
    )
