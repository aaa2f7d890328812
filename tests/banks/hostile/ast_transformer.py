"""A transformer of syntax trees empties every function under check.promise."""

from tests.banks.pieces import IDLE_PROJECT_L2

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


def submission(kit):
    return kit.replacing(
        __name__, __doc__, IDLE_PROJECT_L2, OWN, flag="get_ipython().ast_transformers", hostile=True
    )
