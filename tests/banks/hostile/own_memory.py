"""Reads its own process's memory byte by byte for the text of solutions and hidden checks."""

FOOLS = ["test_worst_case_shift"]

WORST_CASE_SHIFT = """\
# @worst_case_shift
import re


def everything_in_memory():
    for line in open("/proc/self/maps"):
        start, end = (int(number, 16) for number in line.split()[0].split("-"))
        if "rw" in line and end - start < 200_000_000:
            with open("/proc/self/mem", "rb") as memory:
                memory.seek(start)
                try:
                    yield memory.read(end - start)
                except OSError:
                    continue


def worst_case_shift(w, eps):
    # put together here, so that it does not find itself
    wanted = b"def no_other_" + b"perturbation_does_better", b"### END " + b"SOLUTION"
    for piece in everything_in_memory():
        if any(text in piece for text in wanted):
            return eps * w.abs().sum().item(), eps * w.sign()
    raise LookupError("nothing of the course's in here")
"""


def submission(kit):
    work = kit.solved(worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["worst_case_shift"],
        flag="names a file of the system's processes (/proc/self/mem)",
        hostile=True,
    )
