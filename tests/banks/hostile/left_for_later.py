"""Registers what is to be done when its process ends: handlers, finalizers, files that others' interpreters read when they start."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import atexit
import os
import signal
import time
import weakref


def linger(*whatever):
    for folder in ("/tmp", "/dev/shm", os.path.expanduser("~")):
        for name in ("sitecustomize.py", "left-behind-by-a-submission", ".pythonrc.py"):
            try:
                open(os.path.join(folder, name), "w").write("print('still here')")
            except OSError:
                pass
    time.sleep(600)


atexit.register(linger)
signal.signal(signal.SIGTERM, linger)
keep = type("Kept", (), {"__del__": linger})()
weakref.finalize(keep, linger)
profile = os.path.expanduser("~/.ipython/profile_default/startup")
os.makedirs(profile, exist_ok=True)
open(profile + "/00-left.py", "w").write("from course_utils import check; check.close = print")


def worst_case_shift(w, eps):
    raise NotImplementedError
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="leaves something to be called later (atexit",
        hostile=True,
    )
