"""A sample class: submissions of a lab, and what each deserves by the way it is made.

They are made from the lab itself, so they follow it when it changes: "right" is its reference
solution, "partial" leaves two functions out, and what a sample deserves is counted from the points
of the functions that it still gets right.
"""

from __future__ import annotations

from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.samples.broken import broken, unreadable
from autograder.samples.honest import honest
from autograder.samples.hostile import hostile
from autograder.samples.kit import Kit, Sample, checked_function, hand_over

__all__ = ["Kit", "Sample", "checked_function", "hand_over", "sample_class"]


def sample_class(assignment: NotebookNode, lab: str, secret: Path) -> list[Sample]:
    """Some twenty-five submissions of a lab.

    Args:
        secret: a file that holds the solutions, for the spy to look for.
    """
    kit = Kit(assignment, secret)
    return [*honest(kit, lab), *broken(kit), *unreadable(kit), *hostile(kit)]
