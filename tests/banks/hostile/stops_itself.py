"""Stops its own process in the middle of a check: it neither answers nor ends."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
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
