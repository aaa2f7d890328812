"""Right work; plots with a back end that wants a window, and waits for it to be closed."""

from autograder.samples.kit import with_cell

CODE = """\
import os
os.environ["MPLBACKEND"] = "TkAgg"
import matplotlib.pyplot as plt
plt.plot([1, 2, 3])
plt.show(block=True)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
