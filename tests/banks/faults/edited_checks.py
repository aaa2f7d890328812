"""One function wrong, and its check cells emptied until they passed."""

from autograder.build.cells import grade_id, is_test


def submission(kit):
    name = kit.alone(0)
    work = kit.solved(**{name: f"# @{name}\ndef {name}(*a, **b):\n    return a[1]"})
    for cell in work.cells:
        if is_test(cell) and grade_id(cell).startswith(f"test_{name}"):
            cell.source = "assert True"
    says = f"not as released; the original was run: test_{name}"
    return kit.hand_in(__name__, __doc__, work, [name], says=says)
