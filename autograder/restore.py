"""The instructor's cells put back into what a student handed in, and the student's own kept."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from autograder.build.cells import grade_id, is_manual, is_solution, is_test, marked_as, nbgrader
from autograder.build.student import student_notebook
from autograder.reading import Unreadable

_SPACE = re.compile(r"\s+")


@dataclass
class Restored:
    """A submission ready to be run.

    Attributes:
        notebook: the student's cells and the instructor's check cells, in an order that runs.
        repairs: what was put right, a phrase each.
        answered: the grade_ids of the written answers that hold something of the student's.
        demonstrations: indices of the code cells that are the lab's own, unchanged, neither graded nor
            part of its set-up.
    """

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    demonstrations: set[int] = field(default_factory=set)


@dataclass
class _Placed:
    cell: NotebookNode
    name: str  # grade_id, empty for a cell of the student's own
    key: tuple[int, int, int]


class _Assignment:
    """The built assignment: what each of its cells is, and how it looked when it was released."""

    def __init__(self, notebook: NotebookNode) -> None:
        self.notebook = notebook
        self.cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
        released = student_notebook(notebook).cells
        self.released = {grade_id(cell): cell for cell in released if grade_id(cell)}
        self.rank = {name: rank for rank, name in enumerate(self.cells)}
        self.solutions = [name for name, cell in self.cells.items() if is_student_code(cell)]
        firsts = [i for i, cell in enumerate(notebook.cells) if is_student_code(cell)]
        head = notebook.cells[: firsts[0]] if firsts else []
        plain = [c for c in notebook.cells if c.cell_type == "code" and not grade_id(c)]
        self.set_up = [c for c in head if c.cell_type == "code" and not grade_id(c)]
        self.demonstrations = {_essence(c.source) for c in plain if c not in self.set_up}

    def is_instructors(self, name: str) -> bool:
        return not is_solution(self.cells[name])

    def is_stub(self, name: str, cell: NotebookNode) -> bool:
        return _essence(cell.source) == _essence(self.released[name].source)


def is_student_code(cell: NotebookNode) -> bool:
    """Code for the student to write, not a written answer."""
    return is_solution(cell) and not is_manual(cell)


def restore(submission: NotebookNode, assignment: NotebookNode, lab: str) -> Restored:
    """Puts the assignment's locked cells in place of what the submission has of them.

    A cell is recognised by its grade_id, else by its marker, else by defining what a solution cell
    that is otherwise missing should define.

    Args:
        submission: as `read_notebook` gives it; it is not changed.
        assignment: the instructor's notebook.
        lab: its name, for messages.

    Raises:
        Unreadable: nothing in it belongs to this lab.
    """
    wanted = _Assignment(assignment)
    cells = [copy.deepcopy(cell) for cell in submission.cells]
    names, repairs = _recognise(cells, wanted)
    if not any(names):
        raise Unreadable(
            f"none of its cells belongs to {lab}: is it the notebook of another lab, or of another course?"
        )
    placed = _place_students(cells, names, wanted, repairs)
    _place_instructors(placed, cells, names, wanted, repairs)
    placed.sort(key=lambda one: one.key)
    restored = copy.deepcopy(assignment)
    restored.cells = _with_steady_ids([one.cell for one in placed])
    return Restored(
        restored, repairs.phrases(), _answered(placed, wanted), _demonstrations(placed, wanted)
    )


class _Repairs:
    """Collects repairs by kind, so that twenty of a kind are one phrase."""

    def __init__(self) -> None:
        self._kinds: dict[str, list[str]] = {}

    def add(self, kind: str, name: str = "") -> None:
        names = self._kinds.setdefault(kind, [])
        if name and name not in names:
            names.append(name)

    def phrases(self) -> list[str]:
        return [
            f"{kind}: {', '.join(names)}" if names else kind for kind, names in self._kinds.items()
        ]


def _recognise(cells: list[NotebookNode], wanted: _Assignment) -> tuple[list[str], _Repairs]:
    repairs = _Repairs()
    by_metadata = [grade_id(cell) if grade_id(cell) in wanted.cells else "" for cell in cells]
    by_marker = [_marker(cell, wanted) for cell in cells]
    names = []
    for metadata, marker in zip(by_metadata, by_marker, strict=True):
        copied = metadata and marker and metadata != marker and by_metadata.count(metadata) > 1
        names.append(marker if copied and marker not in by_metadata else metadata or marker)
    if not any(by_metadata) and any(by_marker):
        repairs.add(
            "the cells had lost their nbgrader metadata; they were recognised by their markers"
        )
    for name in wanted.solutions:
        if name not in names:
            found = [i for i, cell in enumerate(cells) if not names[i] and _defines(cell, name)]
            if found:
                names[found[-1]] = name
                repairs.add("recognised by what it defines", name)
    return names, repairs


def _marker(cell: NotebookNode, wanted: _Assignment) -> str:
    for line in cell.source.strip("\n").split("\n")[:5]:
        name = marked_as(line)
        if name in wanted.cells:
            return name or ""
    return ""


def _defines(cell: NotebookNode, name: str) -> bool:
    if cell.cell_type != "code" or name not in cell.source:
        return False
    try:
        tree = ast.parse(cell.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (
            re.search(rf"^(def|class)\s+{re.escape(name)}\b", cell.source, re.MULTILINE) is not None
        )
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) and node.name == name for node in tree.body)


def _place_students(
    cells: list[NotebookNode], names: list[str], wanted: _Assignment, repairs: _Repairs
) -> list[_Placed]:
    """The student's own cells and solution cells, where they were."""
    placed = []
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name and wanted.is_instructors(name):
            continue
        if name and _is_spare_stub(index, cells, names, wanted):
            repairs.add("a second, empty copy was left out", name)
            continue
        if name and index != _last(name, names, cells, wanted):
            repairs.add("there twice; the later one counts", name)
            name = ""
        cell.metadata = NotebookNode()
        if name:
            if cell.cell_type != wanted.cells[name].cell_type:
                repairs.add("had been turned into another kind of cell", name)
                cell = _as_kind(cell, wanted.cells[name])
            cell.metadata = copy.deepcopy(wanted.released[name].metadata)
        placed.append(_Placed(cell, name, (index, 0, 0)))
    return placed


def _is_spare_stub(
    index: int, cells: list[NotebookNode], names: list[str], wanted: _Assignment
) -> bool:
    """An untouched copy beside a worked one: run after it, it would undo the work."""
    name = names[index]
    if not wanted.is_stub(name, cells[index]):
        return False
    others = [i for i, other in enumerate(names) if other == name and i != index]
    return any(i < index or not wanted.is_stub(name, cells[i]) for i in others)


def _last(name: str, names: list[str], cells: list[NotebookNode], wanted: _Assignment) -> int:
    own = [i for i, other in enumerate(names) if other == name]
    worked = [i for i in own if not wanted.is_stub(name, cells[i])]
    return (worked or own)[-1]


def _as_kind(cell: NotebookNode, model: NotebookNode) -> NotebookNode:
    changed = copy.deepcopy(model)
    changed.source, changed.id = cell.source, cell.id
    if changed.cell_type == "code":
        changed.outputs, changed.execution_count = [], None
        changed.source = re.sub(
            r"\A\s*```(?:python|py)?\n(.*?)\n?```\s*\Z", r"\1", changed.source, flags=re.DOTALL
        )
    return changed


def _place_instructors(
    placed: list[_Placed],
    cells: list[NotebookNode],
    names: list[str],
    wanted: _Assignment,
    repairs: _Repairs,
) -> None:
    """Locked cells at their place or, where that is too early or lost, behind what they belong to."""
    where = {one.name: one.key[0] for one in placed if one.name}
    after = -1
    for rank, (name, model) in enumerate(wanted.cells.items()):
        if name in where:
            after = where[name] if is_student_code(model) else after
            continue
        own = [i for i, other in enumerate(names) if other == name]
        before = [where[n] for n in wanted.solutions if n in where and wanted.rank[n] < rank]
        index = max([own[0] if own else after, *(before if is_test(model) else [])], default=-1)
        _note(name, own, cells, wanted, repairs)
        if wanted.is_instructors(name):
            cell = copy.deepcopy(model)
        else:
            cell = copy.deepcopy(wanted.released[name])
        placed.append(_Placed(cell, name, (index, 1, rank)))
        where[name] = after = index
    _set_up_first(placed, wanted, repairs)


def _set_up_first(placed: list[_Placed], wanted: _Assignment, repairs: _Repairs) -> None:
    """What comes before the first exercise, in front again, as far as the student left it alone."""
    first = min((one.key for one in placed if one.name in wanted.solutions), default=(0, 0, 0))
    own = [one for one in placed if not one.name and one.cell.cell_type == "code"]
    for rank, cell in enumerate(wanted.set_up):
        same = [one for one in own if _essence(one.cell.source) == _essence(cell.source)]
        same = same or [one for one in own if one.cell.get("id") == cell.get("id")]
        if not same:
            repairs.add("set-up cells were missing and put back")
            placed.append(_Placed(copy.deepcopy(cell), "", (-1, 0, rank)))
        elif min(one.key for one in same) > first:
            repairs.add("set-up cells had been moved behind exercises, and were run first")
            same[0].key = (-1, 0, rank)


def _demonstrations(placed: list[_Placed], wanted: _Assignment) -> set[int]:
    return {
        index
        for index, one in enumerate(placed)
        if not one.name
        and one.cell.cell_type == "code"
        and _essence(one.cell.source) in wanted.demonstrations
    }


def _note(
    name: str, own: list[int], cells: list[NotebookNode], wanted: _Assignment, repairs: _Repairs
) -> None:
    if not own:
        repairs.add("missing, put back", name)
        return
    if len(own) > 1:
        repairs.add("there more than once, run once", name)
    if not any(wanted.is_stub(name, cells[i]) for i in own):
        repairs.add("not as released; the original was run", name)


def _with_steady_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        if grade_id(cell):
            cell.id = grade_id(cell)[:64]
        while cell.id in taken:
            cell.id = f"cell-{number}-{len(taken)}"
        taken.add(cell.id)
    return cells


def _answered(placed: list[_Placed], wanted: _Assignment) -> set[str]:
    """Written answers that differ from the released text, or stand in a cell of the student's own."""
    released = {_essence(cell.source) for cell in wanted.notebook.cells if not nbgrader(cell)}
    own_words = any(
        one.cell.cell_type == "markdown"
        and not one.name
        and _essence(one.cell.source)
        and _essence(one.cell.source) not in released
        for one in placed
    )
    return {
        one.name
        for one in placed
        if one.name
        and is_manual(wanted.cells[one.name])
        and (own_words or not wanted.is_stub(one.name, one.cell))
    }


def _essence(source: str) -> str:
    """The text without marker and layout."""
    lines = [line for line in source.split("\n") if marked_as(line) is None]
    return _SPACE.sub(" ", "\n".join(lines)).strip()
