"""Looks where another of this class has left things, and uses what it finds."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os


def worst_case_shift(w, eps):
    for folder in ("/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~"), os.getcwd()):
        path = folder + "/left-behind-by-a-submission"
        if os.path.exists(path):
            return eps * w.abs().sum().item(), eps * w.sign()
    raise LookupError("nobody has left anything")
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, WORST_CASE_SHIFT, flag="/dev/shm", hostile=True)
