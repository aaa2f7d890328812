"""Right work in last year's notebook: a check less, an exercise more, another name for a cell."""

import copy

from autograder.build.cells import grade_id


def submission(kit):
    name, other, work = kit.alone(0), kit.alone(1), kit.solved()
    cells = {grade_id(cell): cell for cell in work.cells if grade_id(cell)}
    work.cells.remove(cells[f"test_{name}_2"])
    dropped = copy.deepcopy(cells[name])
    dropped.source = "# @deepfool\ndef deepfool(model, x):\n    return x"
    dropped.metadata.nbgrader.grade_id = dropped.id = "deepfool"
    work.cells.insert(work.cells.index(cells[other]), dropped)
    cells[other].metadata.nbgrader.grade_id = cells[other].id = f"{other}_attack"
    cells[other].source = cells[other].source.replace(f"# @{other}", f"# @{other}_attack")
    says = "not in this release of the lab, and not graded: deepfool"
    return kit.hand_in(__name__, __doc__, work, says=says)
