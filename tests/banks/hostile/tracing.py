"""A trace function changes the check's comparison while the check runs."""

from autograder.samples.kit import with_cell

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

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2"],
        flag="watches code as it runs (sys.settrace)",
        hostile=True,
    )
