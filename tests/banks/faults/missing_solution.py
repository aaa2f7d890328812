"""The cell of one function was deleted; the other functions still count."""

from autograder.build.cells import grade_id


def submission(kit):
    name, work = kit.alone(0), kit.solved()
    work.cells = [cell for cell in work.cells if grade_id(cell) != name]
    return kit.hand_in(__name__, __doc__, work, [name], says=f"missing, put back: {name}")
