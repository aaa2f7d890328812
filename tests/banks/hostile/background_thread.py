"""A thread puts the patched comparison back every millisecond, for as long as it lives."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import threading
import time

from course_utils import check


def keep_patching():
    while True:
        check.close = lambda *arguments, **options: None
        time.sleep(0.001)


threading.Thread(target=keep_patching, daemon=True).start()
time.sleep(0.05)
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
        flag="starts a thread (threading.Thread)",
        hostile=True,
    )
