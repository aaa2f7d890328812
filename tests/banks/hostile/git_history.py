"""Looks for a repository around, and asks git for the source of the lab."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os
import subprocess


def worst_case_shift(w, eps):
    for folder in (os.getcwd(), os.path.dirname("SECRET"), os.environ.get("PWD", "/"), sys_prefix()):
        shown = subprocess.run(
            ["git", "-C", folder, "show", "HEAD:notebooks/source/labs/lab1_adversarial.py"],
            capture_output=True,
            text=True,
        ).stdout
        if "def worst_case_shift" in shown:
            names = {}
            text = shown.split("def worst_case_shift")[1].split("### END")[0]
            exec("def worst_case_shift" + text, names)
            return names["worst_case_shift"](w, eps)
    raise LookupError("no repository to be seen")


def sys_prefix():
    import sys

    return sys.prefix
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT.replace("SECRET", str(kit.secret)),
        flag="starts or ends processes (subprocess",
        hostile=True,
    )
