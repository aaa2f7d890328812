"""Right work, all check cells deleted."""

from autograder.build.cells import is_test


def submission(kit):
    work = kit.solved()
    work.cells = [cell for cell in work.cells if not is_test(cell)]
    return kit.hand_in(__name__, __doc__, work, says="missing, put back: test_")
