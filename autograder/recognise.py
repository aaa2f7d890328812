"""Which cell of a submission is which of the lab's, whatever an editor or a student did to it."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.build.cells import grade_id, is_manual, is_solution, marked_as
from autograder.build.glossary import is_words, without_words
from autograder.build.student import student_notebook

_SPACE = re.compile(r"\s+")
_FORM = re.compile(r"\s*#\s*@(?:title|markdown)\b")
_FENCE = re.compile(r"\A\s*```(?:python|py)?\n(.*?)\n?```\s*\Z", re.DOTALL)
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MOST_PARSED = 100_000  # characters: nobody writes more into a cell, and parsing takes memory
_IMPORTS = (ast.Import, ast.ImportFrom)


class Repairs:
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


class Assignment:
    """The built assignment: what each of its cells is, and how it looked when it was released."""

    def __init__(self, notebook: NotebookNode) -> None:
        self.notebook = notebook
        self.cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
        self.released_cells = student_notebook(notebook).cells
        self.released = {grade_id(cell): cell for cell in self.released_cells if grade_id(cell)}
        self.rank = {name: rank for rank, name in enumerate(self.cells)}
        self.solutions = [name for name, cell in self.cells.items() if is_student_code(cell)]
        firsts = [i for i, cell in enumerate(notebook.cells) if is_student_code(cell)]
        head = notebook.cells[: firsts[0]] if firsts else []
        plain = [c for c in notebook.cells if c.cell_type == "code" and not grade_id(c)]
        self.set_up = [c for c in head if c.cell_type == "code" and not grade_id(c)]
        self.demonstrations = {essence(c.source) for c in plain if c not in self.set_up}
        self.plain = {essence(cell.source): cell.source for cell in plain}

    def is_instructors(self, name: str) -> bool:
        return not is_solution(self.cells[name])

    def is_stub(self, name: str, cell: NotebookNode) -> bool:
        return essence(cell.source) == essence(self.released[name].source)


@dataclass
class Recognised:
    """A submission's cells, and what each of them is.

    Attributes:
        cells: those that were handed in, with what was written into locked ones cut out of them.
        names: for each cell its grade_id, empty for a cell of the student's own.
        elsewhere: a function -> the index of the cell, another function's, that defines it.
        strange: grade_ids and markers of cells that the lab does not have.
    """

    cells: list[NotebookNode]
    names: list[str]
    repairs: Repairs
    elsewhere: dict[str, int] = field(default_factory=dict)
    strange: set[str] = field(default_factory=set)


def is_student_code(cell: NotebookNode) -> bool:
    """Code for the student to write, not a written answer."""
    return is_solution(cell) and not is_manual(cell)


def essence(source: str) -> str:
    """The text without marker and layout, without the title of a form of Colab's and the glossary's words."""
    lines = without_words(source).split("\n")
    lines = [line for line in lines if marked_as(line) is None and not _FORM.match(line)]
    return _SPACE.sub(" ", "\n".join(lines)).strip()


def unfenced(source: str) -> str:
    """Code that stood between ``` marks in a text cell."""
    return _FENCE.sub(r"\1", source)


def recognise(submission: NotebookNode, wanted: Assignment) -> Recognised:
    """Names the cells of a submission, most reliable sign first.

    A cell is known by its grade_id, else by its marker, its id, its released text, by defining what
    a solution cell that is missing or untouched should define, else by its place among those.
    """
    repairs = Repairs()
    cells = [copy.deepcopy(cell) for cell in submission.cells]
    names = _by_metadata_or_marker(cells, wanted, repairs)
    _by_id_or_text(cells, names, wanted, repairs)
    cells, names = _cut_out(*_joined(cells, names, wanted, repairs), wanted, repairs)
    recognised = Recognised(cells, names, repairs, strange=_strange(cells, names))
    _by_definition(recognised, wanted)
    if any(names) and len(recognised.strange) < len(
        set(names)
    ):  # else it is no notebook of this lab
        _by_place(recognised, wanted)
    for name in sorted(recognised.strange):
        repairs.add("not in this release of the lab, and not graded", name)
    return recognised


def _by_metadata_or_marker(
    cells: list[NotebookNode], wanted: Assignment, repairs: Repairs
) -> list[str]:
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
    return names


def _strange(cells: list[NotebookNode], names: list[str]) -> set[str]:
    """What cells that were not recognised are called; a bare `# @title` is Colab's."""
    unknown = [cell for cell, name in zip(cells, names, strict=True) if not name]
    called = {grade_id(cell) or marked_as(cell.source.lstrip("\n")) or "" for cell in unknown}
    return called - {"", "title", "markdown", "param"}


def _marker(cell: NotebookNode, wanted: Assignment) -> str:
    for line in cell.source.strip("\n").split("\n")[:5]:
        name = marked_as(line)
        if name in wanted.cells:
            return name or ""
    return ""


def _by_id_or_text(
    cells: list[NotebookNode], names: list[str], wanted: Assignment, repairs: Repairs
) -> None:
    """Cells that kept their id, or were never touched."""
    ids = Counter(cell.get("id") for cell in cells)
    texts = Counter(essence(cell.source) for cell in wanted.released.values())
    by_id = {cell.id: name for name, cell in wanted.released.items()}
    by_text = {essence(cell.source): name for name, cell in wanted.released.items()}
    taken = set(names)
    for index, cell in enumerate(cells):
        if names[index]:
            continue
        text = essence(cell.source)
        name = by_id.get(cell.get("id"), "") if ids[cell.get("id")] == 1 else ""
        if (not name or name in taken) and text and texts[text] == 1:
            name = by_text[text]
        if name and name not in taken:
            names[index] = name
            repairs.add("recognised by its id or its text", name)


def _joined(
    cells: list[NotebookNode], names: list[str], wanted: Assignment, repairs: Repairs
) -> tuple[list[NotebookNode], list[str]]:
    """A function that was torn in two: neither half would run, and together they do."""
    whole: list[NotebookNode] = []
    known: list[str] = []
    for cell, name in zip(cells, names, strict=True):
        above = known[-1] if known else ""
        if above in wanted.solutions and name in ("", above) and cell.cell_type == "code":
            halves = [whole[-1].source, cell.source]
            if not all(map(_parses, halves)) and _parses("\n".join(halves)):
                whole[-1].source = "\n".join(halves)
                repairs.add("had been split in two cells, joined", above)
                continue
        whole.append(cell)
        known.append(name)
    return whole, known


def _parses(source: str) -> bool:
    return _tree(source) is not None


def _tree(source: str) -> ast.Module | None:
    if len(source) > _MOST_PARSED:
        return None
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _cut_out(
    cells: list[NotebookNode], names: list[str], wanted: Assignment, repairs: Repairs
) -> tuple[list[NotebookNode], list[str]]:
    """What a student defined in a locked cell becomes a cell of their own in front of it."""
    whole: list[NotebookNode] = []
    known: list[str] = []
    for cell, name in zip(cells, names, strict=True):
        if name and wanted.is_instructors(name) and not wanted.is_stub(name, cell):
            added = "\n\n".join(_additions(cell.source, wanted.cells[name].source))
            if added:
                repairs.add("what was written into it was kept in a cell of its own", name)
                whole.append(new_code_cell(added))
                known.append("")
        whole.append(cell)
        known.append(name)
    return whole, known


def _additions(source: str, released: str) -> Iterator[str]:
    """The definitions in a cell whose names the released cell does not bind."""
    tree, old = _tree(source), _tree(released)
    if tree is None or old is None:
        return
    bound = {node.name for node in old.body if isinstance(node, _DEFINITIONS)}
    imports = {ast.dump(node) for node in old.body if isinstance(node, _IMPORTS)}
    new = [node for node in tree.body if isinstance(node, _DEFINITIONS) and node.name not in bound]
    if not new:
        return
    for node in tree.body:
        if node in new or (isinstance(node, _IMPORTS) and ast.dump(node) not in imports):
            yield ast.get_source_segment(_MAGIC.sub(r"\1pass", source), node) or ""


def _by_definition(recognised: Recognised, wanted: Assignment) -> None:
    """A function whose own cell is missing or untouched, and that another cell defines."""
    cells, names = recognised.cells, recognised.names
    for name in wanted.solutions:
        own = [i for i, other in enumerate(names) if other == name]
        if not all(wanted.is_stub(name, cells[i]) for i in own):
            continue
        kinds = ("code",) if own else ("code", "markdown", "raw")
        found = [
            i
            for i, cell in enumerate(cells)
            if i not in own
            and cell.cell_type in kinds
            and not (names[i] and wanted.is_instructors(names[i]))
            and _defines(cell, name)
        ]
        if not found:
            continue
        if names[found[-1]]:
            recognised.elsewhere[name] = found[-1]
            recognised.repairs.add("written in the cell of another function", name)
        else:
            names[found[-1]] = name
            recognised.repairs.add("recognised by what it defines", name)


def _defines(cell: NotebookNode, name: str) -> bool:
    if name not in cell.source:
        return False
    source = cell.source if cell.cell_type == "code" else unfenced(cell.source)
    tree = _tree(source)
    if tree is None:
        pattern = rf"^(def|class)\s+{re.escape(name)}\b"
        return cell.cell_type == "code" and re.search(pattern, source, re.MULTILINE) is not None
    return any(isinstance(node, _DEFINITIONS) and node.name == name for node in tree.body)


def _by_place(recognised: Recognised, wanted: Assignment) -> None:
    """Cells between two that are known, where as many are left over as the lab has there."""
    cells, names = recognised.cells, recognised.names
    places = _places(recognised, wanted)
    known = sorted((place, index) for index, place in places.items())
    ends = [(-1, -1), *known, (len(wanted.released_cells), len(cells))]
    for (before, first), (after, last) in pairwise(ends):
        for kind in ("code", "markdown"):
            missing = [
                grade_id(cell)
                for cell in wanted.released_cells[before + 1 : after]
                if cell.cell_type == kind and not is_words(cell.source)
            ]
            left = [
                i
                for i in range(first + 1, last)
                if i not in places
                and not names[i]
                and cells[i].cell_type in (kind, "raw")
                and not is_words(cells[i].source)
            ]
            if len(missing) != len(left):
                continue
            for name, index in zip(missing, left, strict=True):
                if name and name not in names and name not in recognised.elsewhere:
                    names[index] = name
                    recognised.repairs.add("recognised by its place", name)


def _places(recognised: Recognised, wanted: Assignment) -> dict[int, int]:
    """Index of a cell in the submission -> its index in the lab, for each that is known once."""
    of_name = {grade_id(cell): i for i, cell in enumerate(wanted.released_cells) if grade_id(cell)}
    of_text = {
        essence(cell.source): i
        for i, cell in enumerate(wanted.released_cells)
        if not grade_id(cell) and not is_words(cell.source)
    }
    places: dict[int, int] = {}
    for index, (cell, name) in enumerate(zip(recognised.cells, recognised.names, strict=True)):
        place = of_name.get(name) if name else of_text.get(essence(cell.source))
        if place is not None and place not in places.values():
            places[index] = place
    return places
