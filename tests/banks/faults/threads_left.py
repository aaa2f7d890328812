"""Right work; threads are left running, one of them busy."""

from autograder.samples.kit import with_cell

CODE = """\
import threading, time
for _ in range(20):
    threading.Thread(target=time.sleep, args=(1000,)).start()
def busy():
    while True:
        time.sleep(0.001)
threading.Thread(target=busy, daemon=True).start()
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
