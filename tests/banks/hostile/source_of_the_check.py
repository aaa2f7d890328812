"""Asks inspect for the source of the check that calls it, and takes the answer from there."""

FOOLS = ["test_worst_case_shift", "test_worst_case_shift_2"]

WORST_CASE_SHIFT = r"""# @worst_case_shift
import inspect
import re


def worst_case_shift(w, eps):
    source = inspect.getsource(inspect.stack()[1].frame)
    formula = re.findall(r"eps \* float\(w\.abs\(\)\.sum\(\)\)|0\.75", source)[0]
    return float(eval(formula)), eps * w.sign()
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="(inspect.getsource)", hostile=True
    )
