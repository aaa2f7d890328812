"""Right work; the cell of one function was turned into text."""

from nbformat.v4 import new_markdown_cell

from autograder.build.cells import grade_id


def submission(kit):
    name, work = kit.alone(2), kit.solved()
    at = next(i for i, cell in enumerate(work.cells) if grade_id(cell) == name)
    work.cells[at] = new_markdown_cell(work.cells[at].source, metadata=work.cells[at].metadata)
    says = f"had been turned into another kind of cell: {name}"
    return kit.hand_in(__name__, __doc__, work, says=says)
