"""Its end of the line sends messages that no honest end sends: calls of the checker's own things, changes of what is not its own, verdicts."""

from autograder.samples.kit import with_cell

OWN = '''\
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
CHOSEN = []


class Crafted(Exception):
    def __init__(self, what):
        CHOSEN.append(what)


def pick(among, tensor):
    """Another one for every check, and the same one every time it is graded."""
    return among[zlib.crc32(tensor.double().numpy().tobytes()) % len(among)]


send = wire.Wire.send


def crafted_send(self, structure, blobs):
    if structure.get("do") == "raised" and "Crafted" in structure["error"]["kinds"]:
        structure = CHOSEN.pop()
    send(self, structure, blobs)


wire.Wire.send = crafted_send
'''

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    raise Crafted(pick(MESSAGES, x_adv))
"""

WORST_CASE_SHIFT = """\
# @worst_case_shift
def worst_case_shift(w, eps):
    raise Crafted(pick(MESSAGES, w))
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2, worst_case_shift=WORST_CASE_SHIFT), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2", "worst_case_shift"],
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
