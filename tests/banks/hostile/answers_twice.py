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
    work = kit.solved(worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["worst_case_shift"],
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
