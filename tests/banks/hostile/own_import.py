"""builtins.__import__ is replaced: who imports check gets one that accepts everything."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__, __doc__, IDLE_PROJECT_L2, OWN, flag="replaces builtins.__import__", hostile=True
    )
