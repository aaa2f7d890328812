"""Answers with objects whose last act is to call themselves for ever, or to end the process."""

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

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return Recursive(x)


# @worst_case_shift
def worst_case_shift(w, eps):
    return Ending(), w
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FUNCTIONS, OWN, flag="defines __del__", hostile=True)
