"""Stops its own process in the middle of a check: it neither answers nor ends."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSTOP)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="starts or ends processes (os.kill)", hostile=True
    )
