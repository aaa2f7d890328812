"""Reads its own process's memory byte by byte for the text of solutions and hidden checks."""

FOOLS = ["test_worst_case_shift"]

WORST_CASE_SHIFT = """\
# @worst_case_shift
import ctypes
import re


def everything_in_memory():
    for line in open("/proc/self/maps"):
        start, end = (int(number, 16) for number in line.split()[0].split("-"))
        if "rw" in line and end - start < 200_000_000:
            yield ctypes.string_at(start, end - start)


def worst_case_shift(w, eps):
    # patterns that do not match their own text, which lies in memory too
    wanted = rb"def no_other_[p]erturbation_does_better", rb"### END [S]OLUTION"
    for piece in everything_in_memory():
        if any(re.search(pattern, piece) for pattern in wanted):
            return eps * w.abs().sum().item(), eps * w.sign()
    raise LookupError("nothing of the course's in here")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="names a file of the system's processes (/proc/self/maps)",
        hostile=True,
    )
