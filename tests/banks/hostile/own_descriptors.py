"""Writes garbage to every file descriptor it has, the kernel's own channels included, then closes them."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os


def worst_case_shift(w, eps):
    for number in range(3, 256):
        try:
            os.set_blocking(number, False)
            os.write(number, os.urandom(4096))
        except OSError:
            pass
    os.closerange(3, 256)
    return 0.75, w
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="works on the channels of the kernel (os.write)",
        hostile=True,
    )
