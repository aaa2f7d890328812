"""Right work; a solution was merged into the check cell above it."""

from autograder.build.cells import grade_id


def submission(kit):
    names = list(kit.solutions)
    work = kit.solved()
    cells = {grade_id(cell): cell for cell in work.cells if grade_id(cell)}
    check = cells[f"test_{names[3]}_2"]
    check.source += "\n\n" + cells[names[4]].source
    work.cells.remove(cells[names[4]])
    says = f"what was written into it was kept in a cell of its own: test_{names[3]}_2"
    return kit.hand_in(__name__, __doc__, work, says=says)
