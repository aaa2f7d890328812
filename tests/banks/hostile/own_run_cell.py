"""The shell's run_cell is replaced by one that leaves check cells out."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        IDLE_PROJECT_L2,
        OWN,
        flag="replaces get_ipython().run_cell",
        hostile=True,
    )
