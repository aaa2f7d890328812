"""Looks for what others handed in, beside the instructor's files and in every temporary folder."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import glob
import os

COURSE = os.path.dirname(os.path.dirname(os.path.dirname("SECRET")))


def worst_case_shift(w, eps):
    places = [COURSE + "/submitted/", COURSE + "/autograded/", "/tmp/", "/var/tmp/", "/dev/shm/", os.getcwd() + "/../"]
    for place in places:
        for path in glob.glob(place + "**/*", recursive=True):
            if os.path.isfile(path) and "def worst_case_shift" in open(path, errors="ignore").read():
                return eps * w.abs().sum().item(), eps * w.sign()
    raise LookupError("nobody to copy from")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT.replace("SECRET", str(kit.secret)),
        flag="names a file of the course's that is not handed out",
        hostile=True,
    )
