"""The shell shows no traceback any more, so no failure is seen in the outputs."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import sys

shell = get_ipython()
shell.showtraceback = lambda *arguments, **options: None
shell._showtraceback = shell.showtraceback
sys.excepthook = lambda *arguments: None
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="replaces get_ipython().showtraceback",
        hostile=True,
    )
