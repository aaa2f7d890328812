"""Looks for what was typed on this machine: histories of shells, of IPython, of editors."""

from tests.banks.pieces import IDLE_PROJECT_L2

OWN = """\
import glob
import os

homes = [os.path.expanduser("~"), "/root", *glob.glob("/home/*")]
for home in homes:
    for name in (".bash_history", ".python_history", ".ipython/profile_default/history.sqlite", ".viminfo"):
        path = os.path.join(home, name)
        if os.path.exists(path) and "course" in open(path, errors="ignore").read():
            print("found", path)
ran = list(get_ipython().history_manager.search("*", raw=True))
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="names a file with somebody's records (.bash_history)",
        hostile=True,
    )
