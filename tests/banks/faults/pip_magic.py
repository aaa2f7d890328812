"""Right work; installs a package that it does not need."""

from autograder.samples.kit import with_cell

CODE = """\
%pip install --quiet torchattacks
!pip install foolbox
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
