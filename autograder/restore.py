"""The instructor's cells put back into what a student handed in, and the student's own kept."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from autograder.build.cells import grade_id, is_manual, is_test, marker, nbgrader
from autograder.build.glossary import without_words
from autograder.reading import Unreadable
from autograder.recognise import (
    Assignment,
    Recognised,
    Repairs,
    essence,
    is_student_code,
    recognise,
    unfenced,
)

# Pictures, and tags around them: Colab puts a badge on top of what it opened from GitHub.
_NO_WORDS = re.compile(r"<[^>]*>|\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?")

__all__ = ["Restored", "is_student_code", "restore"]


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


def restore(submission: NotebookNode, assignment: NotebookNode, lab: str) -> Restored:
    """Puts the assignment's locked cells in place of what the submission has of them.

    How cells are told apart: see `recognise`. What the student wrote stays in the student's order.

    Args:
        submission: as `read_notebook` gives it; it is not changed.
        assignment: the instructor's notebook.
        lab: its name, for messages.

    Raises:
        Unreadable: nothing in it belongs to this lab.
    """
    wanted = Assignment(assignment)
    known = recognise(submission, wanted)
    _refuse_foreign(known, lab)
    placed = _place_students(known, wanted)
    _place_instructors(placed, known, wanted)
    placed.sort(key=lambda one: one.key)
    restored = copy.deepcopy(assignment)
    restored.cells = _with_steady_ids([one.cell for one in placed])
    return Restored(
        restored,
        known.repairs.phrases(),
        _answered(placed, wanted),
        _demonstrations(placed, wanted),
    )


def _refuse_foreign(known: Recognised, lab: str) -> None:
    if not any(known.names):
        raise Unreadable(
            f"none of its cells belongs to {lab}: is it the notebook of another lab, or of another course?"
        )
    if len(known.strange) >= len(set(known.names)):
        few = ", ".join(sorted(known.strange)[:4])
        raise Unreadable(
            f"most of its graded cells ({few} …) do not belong to {lab}: is it the notebook of another lab?"
        )


def _place_students(known: Recognised, wanted: Assignment) -> list[_Placed]:
    """The student's own cells and solution cells, where they were."""
    placed = []
    cells, names, repairs = known.cells, known.names, known.repairs
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name and (wanted.is_instructors(name) or name in known.elsewhere):
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
        elif cell.cell_type == "code":
            cell.source = wanted.plain.get(essence(cell.source), cell.source)
        placed.append(_Placed(cell, name, (index, 0, 0)))
    for name, index in known.elsewhere.items():
        cell = copy.deepcopy(wanted.released[name])
        cell.source = f"{marker(cell)}\n# written in the cell of {names[index]}, above"
        placed.append(_Placed(cell, name, (index, 0, 1 + wanted.rank[name])))
    return placed


def _is_spare_stub(
    index: int, cells: list[NotebookNode], names: list[str], wanted: Assignment
) -> bool:
    """An untouched copy beside a worked one: run after it, it would undo the work."""
    name = names[index]
    if not wanted.is_stub(name, cells[index]):
        return False
    others = [i for i, other in enumerate(names) if other == name and i != index]
    return any(i < index or not wanted.is_stub(name, cells[i]) for i in others)


def _last(name: str, names: list[str], cells: list[NotebookNode], wanted: Assignment) -> int:
    own = [i for i, other in enumerate(names) if other == name]
    worked = [i for i in own if not wanted.is_stub(name, cells[i])]
    return (worked or own)[-1]


def _as_kind(cell: NotebookNode, model: NotebookNode) -> NotebookNode:
    changed = copy.deepcopy(model)
    changed.source, changed.id = cell.source, cell.id
    if changed.cell_type == "code":
        changed.outputs, changed.execution_count = [], None
        changed.source = unfenced(changed.source)
    return changed


def _place_instructors(placed: list[_Placed], known: Recognised, wanted: Assignment) -> None:
    """Locked cells at their place or, where that is too early or lost, behind what they belong to."""
    cells, names, repairs = known.cells, known.names, known.repairs
    where = {one.name: one.key[0] for one in placed if one.name}
    after = -1
    for rank, (name, model) in enumerate(wanted.cells.items()):
        if name in where:
            after = where[name] if is_student_code(model) else after
            continue
        own = [i for i, other in enumerate(names) if other == name]
        before = [where[n] for n in wanted.solutions if n in where and wanted.rank[n] < rank]
        index = max([own[0] if own else after, *(before if is_test(model) else [])], default=-1)
        if own and index > own[0]:
            repairs.add("moved behind what it checks", name)
        _note(name, own, cells, wanted, repairs)
        if wanted.is_instructors(name):
            cell = copy.deepcopy(model)
        else:
            cell = copy.deepcopy(wanted.released[name])
        placed.append(_Placed(cell, name, (index, 1, rank)))
        where[name] = after = index
    _set_up_first(placed, wanted, repairs)


def _set_up_first(placed: list[_Placed], wanted: Assignment, repairs: Repairs) -> None:
    """What comes before the first exercise, in front again, as far as the student left it alone."""
    first = min((one.key for one in placed if one.name in wanted.solutions), default=(0, 0, 0))
    own = [one for one in placed if not one.name and one.cell.cell_type == "code"]
    for rank, cell in enumerate(wanted.set_up):
        same = [one for one in own if essence(one.cell.source) == essence(cell.source)]
        same = same or [one for one in own if one.cell.get("id") == cell.get("id")]
        if not same:
            repairs.add("set-up cells were missing and put back")
            placed.append(_Placed(copy.deepcopy(cell), "", (-1, 0, rank)))
        elif min(one.key for one in same) > first:
            repairs.add("set-up cells had been moved behind exercises, and were run first")
            same[0].key = (-1, 0, rank)


def _demonstrations(placed: list[_Placed], wanted: Assignment) -> set[int]:
    return {
        index
        for index, one in enumerate(placed)
        if not one.name
        and one.cell.cell_type == "code"
        and essence(one.cell.source) in wanted.demonstrations
    }


def _note(
    name: str, own: list[int], cells: list[NotebookNode], wanted: Assignment, repairs: Repairs
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


def _answered(placed: list[_Placed], wanted: Assignment) -> set[str]:
    """Written answers that differ from the released text, or stand in a cell of the student's own."""
    released = {essence(cell.source) for cell in wanted.notebook.cells if not nbgrader(cell)}
    own_words = any(
        one.cell.cell_type == "markdown"
        and not one.name
        and essence(_NO_WORDS.sub("", without_words(one.cell.source)))
        and essence(one.cell.source) not in released
        for one in placed
    )
    return {
        one.name
        for one in placed
        if one.name
        and is_manual(wanted.cells[one.name])
        and (own_words or not wanted.is_stub(one.name, one.cell))
    }
