"""What a sample class is made of: the lab's own cells, solved, spoilt and put together again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.cells import grade_id, is_manual, is_test, points
from autograder.build.student import student_notebook
from autograder.restore import is_student_code
from autograder.results import NEEDS_MANUAL

_ANSWER = "Because the loss rises a little in every pixel, and there are many pixels."


@dataclass(frozen=True)
class Sample:
    """One submission.

    Attributes:
        story: what its author did.
        data: the file; None: an empty folder.
        deserves: automatic points.
        place: where it lies among the submissions, with {name} and {lab} for its own and the lab's.
        hostile: not to be run without a sandbox.
        says: a phrase that its reason, a limit or a repair must hold.
        flag: a phrase that one of its flags must hold.
        also: further files that were handed in with it, place -> content.
    """

    name: str
    story: str
    data: bytes | None
    deserves: float
    status: str = NEEDS_MANUAL
    place: str = "{name}/{lab}.ipynb"
    hostile: bool = False
    says: str = ""
    flag: str = ""
    also: Mapping[str, bytes] = field(default_factory=dict)


@dataclass
class Kit:
    """What samples are made of.

    Args:
        assignment: the instructor's notebook of the lab.
        secret: a file on this machine that no submission must be able to read.
    """

    assignment: NotebookNode
    secret: Path
    solutions: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        cells = [cell for cell in self.assignment.cells if is_student_code(cell)]
        marks = re.compile(r"^\s*### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
        self.solutions = {grade_id(cell): marks.sub("", cell.source) for cell in cells}

    @property
    def total(self) -> float:
        return sum(points(cell) for cell in self.assignment.cells if is_test(cell))

    def points_of(self, function: str) -> float:
        """Of all its check cells: test_f, test_f_2, …; of the one where it is itself a check cell's name."""
        return sum(
            points(cell)
            for cell in self.assignment.cells
            if is_test(cell)
            and function in (grade_id(cell), checked_function(grade_id(cell), self.solutions))
        )

    def alone(self, number: int) -> str:
        """A function that no other solution calls, so that breaking it costs its own points only."""
        called = {
            node.id
            for name, code in self.solutions.items()
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Name) and node.id != name
        }
        free = [name for name in self.solutions if name not in called]
        return free[number % len(free)]

    def solved(self, **codes: str) -> NotebookNode:
        """The student's notebook with the solutions in it, or the code that is given in their place."""
        notebook = student_notebook(self.assignment)
        for cell in notebook.cells:
            name = grade_id(cell)
            if is_student_code(cell):
                cell.source = codes.get(name, self.solutions[name])
            elif name and is_manual(cell):
                cell.source = f"<!-- @{name} -->\n{_ANSWER}"
        return notebook

    def body(self, function: str, statements: str) -> str:
        """The solution of a function with `statements` run first in it."""
        inside = "\n".join(f"    {line}" for line in statements.splitlines())
        return (
            f"# @{function}\n{ast.unparse(ast.parse(self.solutions[function]))}\n\n"
            f"_written_{function} = {function}\n\n\n"
            f"def {function}(*arguments, **options):\n{inside}\n"
            f"    return _written_{function}(*arguments, **options)\n"
        )

    def hand_in(
        self,
        name: str,
        story: str,
        work: NotebookNode | bytes,
        lost: Iterable[str] = (),
        **more: Any,
    ) -> Sample:
        """A sample that deserves everything but the points of the functions that are `lost`."""
        data = work if isinstance(work, bytes) else bytes_of(work)
        deserves = self.total - sum(self.points_of(function) for function in set(lost))
        return Sample(name, story, data, deserves, **more)

    def replacing(
        self,
        name: str,
        story: str,
        functions: str,
        own: str = "",
        lost: Iterable[str] | None = None,
        **more: Any,
    ) -> Sample:
        """A sample with other functions in the solutions' place.

        Args:
            functions: their code, each below its marker `# @function`.
            own: code of a cell of the student's own.
            lost: what loses its points; all the functions that are replaced, unless said otherwise.
        """
        _, *parts = re.split(r"^# @(\w+)\n", functions, flags=re.MULTILINE)
        codes = {
            function: f"# @{function}\n{code.rstrip()}\n"
            for function, code in zip(parts[::2], parts[1::2], strict=True)
        }
        work = self.solved(**codes)
        if own:
            work = with_cell(work, own)
        return self.hand_in(name, story, work, codes if lost is None else lost, **more)


def hand_over(samples: Sequence[Sample], folder: Path, lab: str) -> None:
    """The class as an instructor gets it: folders, subfolders and loose files mixed."""
    for sample in samples:
        files = {sample.place: sample.data, **sample.also}
        for place, data in files.items():
            path = folder / place.format(name=sample.name, lab=lab)
            path.parent.mkdir(parents=True, exist_ok=True)
            if data is not None:
                path.write_bytes(data)


def checked_function(check: str, functions: dict[str, str]) -> str:
    """The function that a check cell is about: of `test_f` and `test_f_2` it is f."""
    found = [f for f in functions if re.fullmatch(rf"test_{re.escape(f)}(_\d+)?", check)]
    return max(found, key=len) if found else ""


def bytes_of(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook, version=4).encode("utf-8")


def with_cell(notebook: NotebookNode, code: str, at: int = 1) -> NotebookNode:
    """The notebook with a cell of the student's own in it."""
    notebook.cells.insert(at, new_code_cell(code))
    return notebook
