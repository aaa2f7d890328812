"""One function calls sys.exit: an error of its own, not the end of the grading."""

CODE = """\
import sys
sys.exit(0)
"""


def submission(kit):
    name = kit.alone(1)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="SystemExit")
