"""One function ends the process."""

CODE = """\
import os
os._exit(0)
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="ended")
