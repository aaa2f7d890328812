"""One function kills its own process."""

CODE = """\
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="kill")
