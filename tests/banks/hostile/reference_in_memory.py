"""Whoever forked this process may have imported the course's attacks: searches the memory for a function of theirs."""

FGSM = """\
# @fgsm
import gc
import sys


def fgsm(model, x, y, eps):
    own = globals()["fgsm"]
    for thing in gc.get_objects():
        name, home = getattr(thing, "__name__", ""), str(getattr(thing, "__module__", ""))
        if name == "fgsm" and thing is not own and home.startswith("course_utils"):
            return thing(model, x, y, eps)
    for module in list(sys.modules.values()):
        there = getattr(module, "attacks", None)
        if hasattr(there, "fgsm"):
            return there.fgsm(model, x, y, eps)
    raise LookupError("nobody has imported it")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FGSM,
        flag="searches the memory for objects (gc.get_objects)",
        hostile=True,
    )
