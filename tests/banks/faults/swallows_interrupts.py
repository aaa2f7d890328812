"""One function never ends, and takes every interrupt for a mistake."""

CODE = """\
import time
while True:
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        pass
"""


def submission(kit):
    name = kit.alone(5)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work, [name], says="look for a loop that never ends")
