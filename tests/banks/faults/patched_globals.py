"""Right work; silenced print and plots, and made time stand still."""

from autograder.samples.kit import with_cell

CODE = """\
import builtins, time
import matplotlib.pyplot as plt
builtins.print = lambda *a, **b: None
plt.show = lambda *a, **b: None
time.sleep = time.time = time.perf_counter = time.monotonic = lambda *a: 0.0
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
