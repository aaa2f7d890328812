"""Right work; one function was split in two cells, in the middle."""

import copy

from autograder.build.cells import grade_id


def submission(kit):
    name, work = kit.alone(2), kit.solved()
    at = next(i for i, cell in enumerate(work.cells) if grade_id(cell) == name)
    half = copy.deepcopy(work.cells[at])
    half.id += "-half"
    lines = half.source.rstrip().split("\n")
    work.cells[at].source, half.source = "\n".join(lines[:-1]), lines[-1]
    work.cells.insert(at + 1, half)
    says = f"had been split in two cells, joined: {name}"
    return kit.hand_in(__name__, __doc__, work, says=says)
