"""Answers with objects whose last act is to call themselves for ever, or to end the process."""

from autograder.samples.kit import with_cell

OWN = """\
import os


class Recursive:
    def __init__(self, value):
        self.value = value

    def __del__(self):
        Recursive(self.value)


class Ending:
    def __del__(self):
        os._exit(0)
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return Recursive(x)
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    return Ending(), w
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2, worst_case_shift=WORST_CASE_SHIFT), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2", "worst_case_shift"],
        flag="defines __del__",
        hostile=True,
    )
