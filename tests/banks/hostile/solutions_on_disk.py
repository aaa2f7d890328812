"""Knows where the instructor's notebook lies, and looks for others like it wherever it may look."""

FOOLS = ["test_worst_case_shift", "test_worst_case_shift_2"]

WORST_CASE_SHIFT = """\
# @worst_case_shift
import glob
import json

PLACES = ["SECRET", "/home/**/*.ipynb", "/work/**/source/**/*.ipynb", "/srv/**/*.ipynb", "/root/**/*.ipynb"]


def worst_case_shift(w, eps):
    for place in PLACES:
        for path in glob.glob(place, recursive=True):
            try:
                cells = json.load(open(path))["cells"]
            except (OSError, ValueError, KeyError):
                continue
            for cell in cells:
                source = "".join(cell["source"])
                if "def worst_case_shift(" in source and "BEGIN SOLUTION" in source:
                    names = {"torch": torch}
                    exec(source, names)
                    return names["worst_case_shift"](w, eps)
    raise LookupError("no solution to be seen")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT.replace("SECRET", str(kit.secret)),
        flag="names a notebook file",
        hostile=True,
    )
