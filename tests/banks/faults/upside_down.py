"""Right work, all cells in the opposite order."""


def submission(kit):
    work = kit.solved()
    work.cells.reverse()
    return kit.hand_in(__name__, __doc__, work, says="moved behind what it checks")
