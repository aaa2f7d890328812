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
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="works on the channels of the kernel (boundary.student",
        hostile=True,
    )
