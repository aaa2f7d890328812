"""A thread writes into the line all the while, between and into the answers of its own kernel."""

WORST_CASE_SHIFT = r"""# @worst_case_shift
import os
import threading
import time

import boundary.student


def speak():
    while True:
        try:
            os.write(boundary.student._line.fileno(), b"\0\0\0\1\0\0\0\0\xc0")
        except OSError:
            return
        time.sleep(0.001)


def worst_case_shift(w, eps):
    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    return eps * w.abs().sum().item(), eps * w.sign() + 1
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, WORST_CASE_SHIFT, flag="starts a thread", hostile=True)
