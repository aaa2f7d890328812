"""Right work; empties its home folder."""

from autograder.samples.kit import with_cell

CODE = """\
!rm -rf ~ ~/* ./* 2> /dev/null
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
