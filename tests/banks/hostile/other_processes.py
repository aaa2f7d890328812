"""Looks through every process it can see for text, environments and open files of the course's."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import glob
import os
import re


def seen():
    for process in glob.glob("/proc/[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                yield open(f"{process}/{name}", "rb").read()
            except OSError:
                pass
        if process.endswith(f"/{os.getpid()}"):
            continue
        try:
            os.listdir(f"{process}/fd")
            for line in open(f"{process}/maps"):
                start, end = (int(number, 16) for number in line.split()[0].split("-"))
                if "rw" in line and end - start < 300_000_000:
                    with open(f"{process}/mem", "rb") as memory:
                        memory.seek(start)
                        yield memory.read(end - start)
        except (OSError, OverflowError, ValueError):
            pass


def worst_case_shift(w, eps):
    wanted = re.compile(rb"course/[s]ource|### END [S]OLUTION|BEGIN [H]IDDEN TESTS")
    for piece in seen():
        if wanted.search(piece):
            return eps * w.abs().sum().item(), eps * w.sign()
    raise LookupError("nobody else in here")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="names a file of the system's processes (/proc/",
        hostile=True,
    )
