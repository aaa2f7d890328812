"""Right work; a slider that waits for nobody."""

from autograder.samples.kit import with_cell

CODE = """\
from ipywidgets import interact
@interact(eps=(0, 16))
def show(eps=4):
    print("eps is", eps)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
