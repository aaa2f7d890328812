"""The shell's run_cell is replaced by one that leaves check cells out."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
shell = get_ipython()


def leaving_checks_out(run):
    def run_cell(code, *arguments, **options):
        return run("pass" if "check.promise" in code else code, *arguments, **options)

    return run_cell


shell.run_cell = leaving_checks_out(shell.run_cell)
shell.run_cell_async = leaving_checks_out(shell.run_cell_async)
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
        flag="replaces get_ipython().run_cell",
        hostile=True,
    )
