"""A trace function changes the check's comparison while the check runs."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys


def watch(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "_close":
        frame.f_globals["_close"] = lambda *arguments: True
        frame.f_locals["a"] = frame.f_locals["b"] = None
        frame.f_globals["torch"].allclose = lambda *arguments, **options: True
    return None


sys.settrace(watch)
get_ipython().events.register("pre_execute", lambda: sys.settrace(watch))
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="watches code as it runs (sys.settrace)",
        hostile=True,
    )
