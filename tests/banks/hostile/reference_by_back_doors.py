"""Tries one way after another to get at the course's own attacks: names put together, cleared caches, other finders."""

FOOLS = ["test_fgsm", "test_fgsm_2"]

FGSM = """\
# @fgsm
import builtins
import glob
import importlib
import importlib.util
import os
import runpy
import sys

NAME = "course_utils." + "att" + "acks"


def by_name():
    return importlib.import_module(NAME)


def afresh():
    for name in [name for name in sys.modules if name.startswith("course_utils")]:
        del sys.modules[name]
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    return __import__(NAME, fromlist=["fgsm"])


def without_guards():
    sys.meta_path[:] = [finder for finder in sys.meta_path if "frozen" in repr(type(finder)) or isinstance(finder, type)]
    sys.modules.pop(NAME, None)
    return importlib.import_module(NAME)


def from_its_file():
    import course_utils

    for path in glob.glob(os.path.dirname(course_utils.__file__) + "/att*/__init__.py"):
        spec = importlib.util.spec_from_file_location(NAME, path, submodule_search_locations=[os.path.dirname(path)])
        module = sys.modules[NAME] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def from_elsewhere():
    for folder in [*sys.path, sys.prefix, "/*", "/*/*"]:
        for path in glob.glob(folder + "/course_utils/att*/gradient.py*"):
            return runpy.run_path(path)


def fgsm(model, x, y, eps):
    for way in (by_name, afresh, without_guards, from_its_file, from_elsewhere):
        try:
            return way().fgsm(model, x, y, eps)
        except Exception as error:
            last = error
    raise last
"""


def submission(kit):
    return kit.replacing(__name__, __doc__, FGSM, flag="imports in a roundabout way", hostile=True)
