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
    work = kit.solved(worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["worst_case_shift"],
        flag="starts or ends processes (os.kill)",
        hostile=True,
    )
