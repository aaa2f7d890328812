"""Right work; every check cell is there twice, as copied cells are."""

import copy

from autograder.build.cells import is_test


def submission(kit):
    work = kit.solved()
    for cell in [cell for cell in work.cells if is_test(cell)]:
        twin = copy.deepcopy(cell)
        twin.id += "-copy"
        work.cells.insert(work.cells.index(cell), twin)
    return kit.hand_in(__name__, __doc__, work, says="there more than once, run once: test_")
