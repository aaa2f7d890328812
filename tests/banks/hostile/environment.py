"""Follows every path in its environment to a folder with the course's sources, and takes a solution from there."""

FOOLS = ["test_worst_case_shift", "test_worst_case_shift_2"]

WORST_CASE_SHIFT = """\
# @worst_case_shift
import glob
import os
import sys


def worst_case_shift(w, eps):
    paths = [*os.environ.values(), sys.prefix, sys.executable, os.getcwd(), *sys.path]
    for path in {part for text in paths for part in text.split(os.pathsep) if "/" in part}:
        for _ in range(8):
            for source in glob.glob(f"{path}/notebooks/source/labs/lab1*.py"):
                text = open(source).read().split("def worst_case_shift")[1]
                names = {}
                exec("def worst_case_shift" + text.split("### END")[0], names)
                return names["worst_case_shift"](w, eps)
            path = os.path.dirname(path)
    raise LookupError("no source to be seen")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="reads the whole environment (os.environ)",
        hostile=True,
    )
