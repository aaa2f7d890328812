"""Ends its own process in the middle of a check, by one signal or another."""

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    import os

    os.kill(os.getpid(), 9)


# @worst_case_shift
def worst_case_shift(w, eps):
    import os

    os.abort()
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FUNCTIONS, flag="starts or ends processes (os.kill)", hostile=True
    )
