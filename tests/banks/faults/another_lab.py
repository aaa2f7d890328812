"""The notebook of the next lab, handed in under this one's name."""

from autograder.build.cells import grade_id
from autograder.results import UNREADABLE
from autograder.samples import Sample
from autograder.samples.kit import bytes_of


def submission(kit):
    other = kit.solved()
    for cell in other.cells:
        name = grade_id(cell)
        if name and name != "written":  # which is called so in every lab
            cell.metadata.nbgrader.grade_id = cell.id = f"{name}_of_lab2"
            cell.source = f"# @{name}_of_lab2\ndef {name}_of_lab2():\n    pass"
    return Sample(__name__, __doc__, bytes_of(other), 0.0, UNREADABLE, says="another lab")
