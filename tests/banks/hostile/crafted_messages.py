"""Its end of the line sends messages that no honest end sends: calls of the checker's own things, changes of what is not its own, verdicts."""

from tests.banks.pieces import CRAFTED_EXCEPTION

CRAFTS = """\
import zlib

from boundary import wire

ERROR = {"kinds": ["CheckBroken"], "message": "the course is at fault", "frames": [], "missing": ""}
ANSWER = {"do": "answer", "value": 1.0, "changes": [], "outputs": [], "graph": None}

MESSAGES = [
    5, None, [], "answer", {}, {"do": "done"}, {"do": "passed"}, {"do": ["answer"]}, {"do": None},
    {"do": "call", "target": "exec", "with": [["tuple", "1"], ["dict"]], "changes": [], "grad": True, "parameters": []},
    {"do": "call", "target": 1, "with": [["tuple"], ["dict"]], "changes": [], "grad": True, "parameters": []},
    {"do": "call", "target": 2, "with": [1, 2], "changes": [], "grad": True, "parameters": [7]},
    {"do": "call"}, {"do": "next", "key": 3, "changes": []}, {"do": "iter", "key": 1, "changes": []},
    {"do": "backward", "graph": 0, "gradients": []}, {"do": "backward", "graph": -1, "gradients": [1]},
    {"do": "raised", "error": ERROR}, {"do": "raised", "error": ERROR, "changes": []},
    {"do": "raised", "error": {**ERROR, "kinds": ["SystemExit"]}, "changes": []},
    {"do": "raised", "error": {**ERROR, "kinds": []}, "changes": []},
    {"do": "raised", "error": {**ERROR, "kinds": ["Missing", "NameError"], "missing": "check"}, "changes": []},
    {"do": "raised", "error": {**ERROR, "frames": [["f", "line", None]] * 10_000}, "changes": []},
    {"do": "raised", "error": {**ERROR, "kinds": ["UnicodeDecodeError", "ExceptionGroup"]}, "changes": []},
    {"do": "answer"}, {**ANSWER, "changes": [[1, 2, 3]]}, {**ANSWER, "changes": 7}, {**ANSWER, "graph": 10**9},
    {**ANSWER, "changes": [[99, None, True, None]]}, {**ANSWER, "outputs": [4], "graph": 0}, {**ANSWER, "value": {"a": 1}},
]
"""

SENDING = """

send = wire.Wire.send


def crafted_send(self, structure, blobs):
    if structure.get("do") == "raised" and "Crafted" in structure["error"]["kinds"]:
        structure = CHOSEN.pop()
    send(self, structure, blobs)


wire.Wire.send = crafted_send
"""

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise Crafted(pick(MESSAGES, x_adv))


# @worst_case_shift
def worst_case_shift(w, eps):
    raise Crafted(pick(MESSAGES, w))
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FUNCTIONS,
        CRAFTS + CRAFTED_EXCEPTION + SENDING,
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
