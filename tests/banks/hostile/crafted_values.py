"""Its end of the line sends values that no honest end makes: orders to build things, references to what it was never given, damaged tensors."""

from tests.banks.pieces import PICK

CRAFTS = r"""import zlib

from boundary import values

DEEP = None
for _ in range(60):
    DEEP = ["list", DEEP]

VALUES = [
    ["module", ["os", "system", [], {"command": "touch /tmp/left-behind-by-a-submission"}], [["", 1, True, "x", True, {}]], [], []],
    ["module", ["subprocess", "Popen", [], {"args": "true"}], [], [], []],
    ["module", None, [["", -1, True, "Net", True, {"__class__": 1, "forward": 2}]], [["a.b.c", -2, True, 0, True, None]], []],
    ["known", 10**6], ["known", 1.5], ["known", -1, True],
    ["remote", "function", 1, "print"], ["optimizer", 1, ["SGD", [], []]], ["generator", 1, 0],
    ["array", "O", [1], 0], ["array", "d", [10**9, 10**9], 0], ["scalar", "V", 0],
    ["tensor", 0, 0, False, False, False, None], ["tensor", 5], ["tensor", 0, -1, False, False, False, None],
    ["int", "0x" + "f" * 1990], ["int", "__import__('os')"], ["int", "9" * 5000],
    ["dict", ["a"]], ["dict", [["list"], 1]], ["set", ["list"]], ["list", ["dict", [1, 2, 3]]],
    ["foreign", "class: import os", "x" * 900_000], ["foreign", "", ["list"]], ["output", 0], ["output", -1],
    ["dtype", "float128"], ["device", "cuda:99"], ["device", "meta"], ["size", -1, "a"], ["complex", "1", None],
    ["os.system", "true"], ["__reduce__"], [], [[]], {"tuple": 1}, ["stop"], DEEP, ["bytes", 2**40],
]


class Crafted:
    def __init__(self, value):
        self.value = value


"""

SENDING = r"""

pack = values.Packer.pack


def crafted_pack(self, value, depth=0):
    if type(value) is Crafted:
        if len(self.blobs) < 1:
            self.blobs.append(b"\x08\0\0\0\0\0\0\0{\"\": {}}" + bytes(16))
        return value.value
    return pack(self, value, depth)


values.Packer.pack = crafted_pack
"""

FUNCTIONS = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return Crafted(pick(VALUES, x_adv))


# @worst_case_shift
def worst_case_shift(w, eps):
    return Crafted(pick(VALUES, w))
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FUNCTIONS,
        CRAFTS + PICK + SENDING,
        flag="works on the channels of the kernel (boundary",
        hostile=True,
    )
