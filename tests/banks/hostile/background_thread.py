"""A thread puts the patched comparison back every millisecond, for as long as it lives."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="starts a thread (threading.Thread)",
        hostile=True,
    )
