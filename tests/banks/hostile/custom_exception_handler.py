"""A handler of their own takes every exception, and keeps it to itself."""

from tests.banks.pieces import IDLE_PROJECT_L2

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
def handled(shell, kind, error, trace, tb_offset=None):
    return []


get_ipython().set_custom_exc((Exception,), handled)
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, IDLE_PROJECT_L2, OWN, flag="get_ipython().set_custom_exc", hostile=True
    )
