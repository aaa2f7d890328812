"""Sends SIGKILL to every process it may, its parents among them."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os
import signal


def worst_case_shift(w, eps):
    for process in (os.getppid(), -1, 0):
        try:
            os.kill(process, signal.SIGKILL)
        except OSError:
            pass
    raise LookupError("still alive")
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="starts or ends processes (os.kill)", hostile=True
    )
