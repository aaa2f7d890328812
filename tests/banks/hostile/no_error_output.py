"""The kernel's own channel drops error messages on their way out."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
session = get_ipython().kernel.session
send = session.send


def without_errors(stream, message, *arguments, **options):
    if message == "error":
        return None
    return send(stream, message, *arguments, **options)


session.send = without_errors
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="works on the machinery that runs cells (get_ipython().kernel",
        hostile=True,
    )
