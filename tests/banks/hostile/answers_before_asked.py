"""Puts forged answers into the line before anybody has asked, and more of them afterwards."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import boundary.student
from boundary.wire import Wire

ANSWER = {"do": "answer", "changes": [], "value": ["tuple", 0.75, None], "outputs": [], "graph": None}
wire = Wire(boundary.student._line)


def worst_case_shift(w, eps):
    for _ in range(50):
        wire.send(ANSWER, [])
    return 0.75, w
"""


def submission(kit):
    work = kit.solved(worst_case_shift=WORST_CASE_SHIFT)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["worst_case_shift"],
        flag="works on the channels of the kernel (boundary.student",
        hostile=True,
    )
