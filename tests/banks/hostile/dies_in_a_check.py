"""Ends its own process in the middle of a check, by one signal or another."""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    import os

    os.kill(os.getpid(), 9)
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    import os

    os.abort()
"""


def submission(kit):
    work = kit.solved(project_l2=PROJECT_L2, worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2", "worst_case_shift"],
        flag="starts or ends processes (os.kill)",
        hostile=True,
    )
