"""Right work; every warning is an error."""

from autograder.samples.kit import with_cell

CODE = """\
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("error", category=DeprecationWarning)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE, at=6))
