"""The kernel's own channel drops error messages on their way out."""

from autograder.samples.kit import with_cell

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

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__,
        __doc__,
        work,
        ["project_l2"],
        flag="works on the machinery that runs cells (get_ipython().kernel",
        hostile=True,
    )
