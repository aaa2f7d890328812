"""The contract of a lab's source, checked before anything runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nbformat.notebooknode import NotebookNode

from autograder.build.cells import (
    SCHEMA,
    BuildRefused,
    grade_id,
    is_manual,
    is_solution,
    is_test,
    marked_as,
    nbgrader,
    points,
    where,
)
from autograder.course import Lab

# nbgrader finds these words anywhere in a line, so the build does as well.
_MARK = re.compile(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")
# What somebody typed who meant one of them: nbgrader would leave the line, and all below it, in.
_ALMOST = re.compile(r"^\s*#+\s*(begin|end)\b.*(solution|hidden|test|mark|scheme)", re.IGNORECASE)


def check_contract(lab: Lab, cells: list[NotebookNode]) -> None:
    """Refuses a lab whose cells nbgrader, the grader or a student would trip over.

    Raises:
        BuildRefused: one line for each thing found, with the cell and the remedy.
    """
    found = [problem for cell in cells for problem in _in_cell(cell)]
    # What follows reads the metadata, so it waits until the metadata makes sense.
    found = found or [*_ids(cells), *_order(cells), *_sums(lab, cells)]
    if found:
        raise BuildRefused("\n".join(f"{lab.name}, {problem}" for problem in found))


def regions(cell: NotebookNode, kind: str) -> list[list[str]]:
    """The lines of each marked region of a cell; `kind` is SOLUTION, HIDDEN TESTS or MARK SCHEME."""
    found: list[list[str]] = []
    inside = False
    for line in cell.source.split("\n"):
        mark = _MARK.search(line)
        if mark and mark[2] == kind:
            inside = mark[1] == "BEGIN"
            if inside:
                found.append([])
        elif inside:
            found[-1].append(line)
    return found


def hidden_lines(cell: NotebookNode) -> set[int]:
    """The numbers, from 1, of the lines that students do not get: hidden tests, their marks included."""
    found: set[int] = set()
    inside = False
    for number, line in enumerate(cell.source.split("\n"), 1):
        mark = _MARK.search(line)
        if mark and mark[2] == "HIDDEN TESTS":
            inside = mark[1] == "BEGIN"
            found.add(number)
        elif inside:
            found.add(number)
    return found


def _in_cell(cell: NotebookNode) -> Iterator[str]:
    place = where(cell)
    if "incorrectly_encoded_metadata" in cell.metadata:
        text = cell.metadata["incorrectly_encoded_metadata"]
        yield f"{place}: its metadata is not JSON: mend the line `# %% {text}`"
    yield from (f"{place}: {problem}" for problem in _metadata(cell))
    yield from (f"{place}: {problem}" for problem in _marks(cell))
    if is_solution(cell) or is_test(cell):
        yield from (f"{place}: {problem}" for problem in _graded(cell))


def _metadata(cell: NotebookNode) -> Iterator[str]:
    meta = nbgrader(cell)
    if not meta:
        return
    if meta["schema_version"] != SCHEMA:
        yield f"schema_version is {meta['schema_version']!r}: this build writes nbgrader's schema {SCHEMA}, put {SCHEMA}"
        return
    if not (meta["grade"] or meta["solution"] or meta["locked"] or meta["task"]):
        yield "its nbgrader metadata says nothing: set grade, solution or locked to true, or take it out"
    elif not str(meta.get("grade_id", "")).isidentifier() or len(meta["grade_id"]) > 64:
        yield f"grade_id {meta.get('grade_id', '')!r} must be a Python name of at most 64 letters"
    elif (meta["grade"] or meta["task"]) and not _positive(meta.get("points")):
        yield f"points = {meta.get('points')!r} must be a number above 0"
    else:
        yield from _schema(cell)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _schema(cell: NotebookNode) -> Iterator[str]:
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError

    try:
        MetadataValidator().validate_cell(cell)
    except ValidationError as error:
        yield f"nbgrader refuses its metadata: {str(error).splitlines()[0]}"


def _marks(cell: NotebookNode) -> Iterator[str]:
    """Every region begins, ends, and stands in a cell that nbgrader clears of it."""
    is_open = ""
    for line in cell.source.split("\n"):
        mark = _MARK.search(line)
        if not mark:
            if _ALMOST.match(line):
                yield (
                    f"{line.strip()!r} is not a mark that nbgrader knows, so students would see what it hides: "
                    "write ### BEGIN SOLUTION, ### BEGIN HIDDEN TESTS or the END of one"
                )
            continue
        edge, kind = mark[1], mark[2]
        if edge == "BEGIN" and is_open:
            yield f"### BEGIN {kind} comes before ### END {is_open}: close the first region before it"
        if edge == "END" and is_open != kind:
            yield f"### END {kind} has no ### BEGIN {kind} above it: add it, or students see the region"
        is_open = kind if edge == "BEGIN" else ""
        if edge == "END":
            continue
        if kind == "SOLUTION" and not is_solution(cell):
            yield "holds a solution region but is no solution cell: set solution to true in its metadata"
        if kind == "HIDDEN TESTS" and not is_test(cell):
            yield "holds hidden tests but is no test cell: set grade to true in its metadata"
    if is_open:
        yield f"### BEGIN {is_open} has no ### END {is_open}: add it where the region ends"


def _graded(cell: NotebookNode) -> Iterator[str]:
    name = grade_id(cell)
    if marked_as(cell.source) != name:
        yield f"its first line marks it as {marked_as(cell.source)!r}: take that line out, the build writes it"
    if cell.cell_type == "code":
        if "AUTOTEST" in cell.source:
            yield "uses AUTOTEST, which the grader has no part in: write the check out"
        if re.search(r"^%%", cell.source, re.MULTILINE):
            yield "holds a cell magic (%%…), which must come first, where the marker goes: do without it"
    if is_solution(cell) and not is_manual(cell):
        yield from _holds_alone(cell, name)


def _holds_alone(cell: NotebookNode, name: str) -> Iterator[str]:
    """The grader hands a student's function on by the name of its cell."""
    try:
        body = ast.parse(cell.source).body
    except SyntaxError as error:
        yield f"is not valid Python: {error.msg}, line {error.lineno}"
        return
    defined = [getattr(statement, "name", None) for statement in body]
    if defined != [name]:
        yield f"must hold the function or class {name} and nothing else: move the rest to a cell above it"


def _ids(cells: list[NotebookNode]) -> Iterator[str]:
    seen: set[str] = set()
    for cell in cells:
        name = grade_id(cell)
        if name and name in seen:
            yield f"cell {name!r}: another cell has this grade_id too: give each its own"
        seen.add(name)


def _order(cells: list[NotebookNode]) -> Iterator[str]:
    """Each function is followed by its tests, before the next function."""
    current, tested = "", set()
    functions = [grade_id(cell) for cell in cells if is_solution(cell) and not is_manual(cell)]
    for cell in cells:
        name = grade_id(cell)
        if name in functions:
            current = name
        elif is_test(cell):
            if re.fullmatch(rf"test_{re.escape(current)}(_\d+)?", name) and current:
                tested.add(current)
            else:
                yield (
                    f"cell {name!r}: the tests of a function f are called test_f, test_f_2 … and follow f; "
                    f"the function above this cell is {current or 'none'}"
                )
    for name in functions:
        if name not in tested:
            yield f"cell {name!r}: has no test: add a cell test_{name} under it"


def _sums(lab: Lab, cells: list[NotebookNode]) -> Iterator[str]:
    by_tests = sum(points(cell) for cell in cells if is_test(cell))
    by_hand = sum(points(cell) for cell in cells if is_manual(cell))
    if by_tests + by_hand != lab.points:
        yield (
            f"its points: tests give {by_tests:g} and answers graded by hand {by_hand:g}, together "
            f"{by_tests + by_hand:g}, but course.toml says {lab.points:g}: change one of them"
        )
