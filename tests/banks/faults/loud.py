"""Right work that prints to stdout and to stderr, warns and logs."""

CODE = """\
import logging, sys, warnings
print("at it")
print("at it", file=sys.stderr)
sys.stderr.flush()
warnings.warn("I am not sure about this")
logging.getLogger().warning("still at it")
logging.basicConfig(level=logging.DEBUG)
"""


def submission(kit):
    name = kit.alone(0)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work)
