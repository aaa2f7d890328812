"""Finds the text of the running check among what IPython keeps, and calls the check's own helpers."""

FOOLS = ["test_fgsm"]

FGSM = """\
# @fgsm
import ast


def helper(name):
    tree = ast.parse(In[-1])
    found = [node for node in ast.walk(tree) if getattr(node, "name", "") == name]
    names = {"torch": torch, "cross_entropy": F.cross_entropy}
    exec(ast.unparse(found[0]), names)
    return names[name]


def fgsm(model, x, y, eps):
    slope = helper("slope")
    return (x + eps * slope(model, x, y).sign()).clamp(0, 1)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, FGSM, flag="reads what cells were run (In)", hostile=True
    )
