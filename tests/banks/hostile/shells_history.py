"""Looks for what was typed on this machine: histories of shells, of IPython, of editors."""

from autograder.samples.kit import with_cell

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
        flag="names a file with somebody's records (.bash_history)",
        hostile=True,
    )
