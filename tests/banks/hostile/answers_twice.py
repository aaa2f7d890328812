"""Answers every call twice, so that each answer but the first belongs to the call before."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
from boundary.peer import Peer

answer = Peer._answer


def twice(self, message, blobs):
    answer(self, message, blobs)
    if message.get("target") == "worst_case_shift":
        answer(self, message, blobs)


Peer._answer = twice


def worst_case_shift(w, eps):
    return 0.75, w
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
