"""Right work; works in another folder, and deletes the one it was in."""

from autograder.samples.kit import with_cell

CODE = """\
import os, shutil
here = os.getcwd()
os.makedirs("/tmp/elsewhere", exist_ok=True)
os.chdir("/tmp/elsewhere")
shutil.rmtree(here, ignore_errors=True)
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
