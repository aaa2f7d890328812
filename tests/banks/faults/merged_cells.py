"""Right work; a solution, its check and the next solution were merged into one cell."""

from autograder.build.cells import grade_id


def submission(kit):
    names = list(kit.solutions)
    work = kit.solved()
    cells = {grade_id(cell): cell for cell in work.cells if grade_id(cell)}
    merged = [cells[name] for name in (names[3], f"test_{names[3]}", names[4])]
    merged[0].source = "\n\n".join(cell.source for cell in merged)
    for cell in merged[1:]:
        work.cells.remove(cell)
    says = f"written in the cell of another function: {names[4]}"
    return kit.hand_in(__name__, __doc__, work, says=says)
