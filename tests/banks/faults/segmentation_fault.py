"""One function reads where no memory is."""

CODE = """\
import ctypes
ctypes.string_at(0)
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="segmentation fault")
