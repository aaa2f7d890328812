"""Reads the source or the compiled form of the course's attacks and runs that."""

FOOLS = ["test_fgsm", "test_fgsm_2"]

FGSM = """\
# @fgsm
import glob
import marshal
import os
import types

import course_utils


def fgsm(model, x, y, eps):
    folder = os.path.dirname(course_utils.__file__)
    for path in glob.glob(folder + "/att*/gradient.py") + glob.glob(folder + "/att*/__pycache__/gradient*.pyc"):
        module = types.ModuleType("course_utils.attacks.gradient")
        data = open(path, "rb").read()
        code = marshal.loads(data[16:]) if path.endswith("c") else compile(data, path, "exec")
        exec(code, module.__dict__)
        return module.fgsm(model, x, y, eps)
    raise LookupError("neither source nor bytecode")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        FGSM,
        flag="looks into an installed module (course_utils.__file__)",
        hostile=True,
    )
