"""A transformer of syntax trees empties every function under check.promise."""

from autograder.samples.kit import with_cell

FOOLS = ["test_project_l2", "test_project_l2_2"]

OWN = """\
import ast


class Emptied(ast.NodeTransformer):
    def visit_FunctionDef(self, node):
        if any("promise" in ast.unparse(decorator) for decorator in node.decorator_list):
            node.body = [ast.Pass()]
        return node


get_ipython().ast_transformers.append(Emptied())
"""

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    work = with_cell(kit.solved(project_l2=PROJECT_L2), OWN)
    return kit.hand_in(
        __name__, __doc__, work, ["project_l2"], flag="get_ipython().ast_transformers", hostile=True
    )
