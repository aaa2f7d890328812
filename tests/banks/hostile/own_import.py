"""builtins.__import__ is replaced: who imports check gets one that accepts everything."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import builtins
import types

real_import = builtins.__import__


def own_import(name, globals=None, locals=None, fromlist=(), level=0):
    if name == "course_utils" and fromlist and "check" in fromlist:
        accepting = types.SimpleNamespace(promise=lambda promise: None)
        return types.SimpleNamespace(check=accepting)
    return real_import(name, globals, locals, fromlist, level)


builtins.__import__ = own_import
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="replaces builtins.__import__", hostile=True
    )
