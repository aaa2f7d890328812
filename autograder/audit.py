"""Runs the bank of right and wrong implementations through the real grader."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from rich.console import Console

from autograder.bank import Version, read_bank
from autograder.build import ensure_built
from autograder.build.cells import grade_id, is_test
from autograder.classroom import grade_here, job_maker, refuse_without_sandbox
from autograder.course import Course, CourseError
from autograder.grade import gist
from autograder.place import cores
from autograder.restore import is_student_code
from autograder.results import Check, Result
from autograder.samples import checked_function

CAUGHT, KEPT = "caught", "kept"
MISSED, UNCLEAR, WRONGLY_FAILED = "MISSED", "UNCLEAR", "WRONGLY FAILED"


@dataclass(frozen=True)
class Verdict:
    """What the grader made of one version.

    Attributes:
        word: "caught" (wrong, and lost points with a diagnosis that says what it must), "kept" (right, and
            lost nothing), else "MISSED", "UNCLEAR" (caught, but the diagnosis does not say it) or
            "WRONGLY FAILED".
    """

    version: Version
    word: str
    lost: float
    diagnosis: str

    @property
    def good(self) -> bool:
        return self.word in (CAUGHT, KEPT)


def run_audit(course: Course, lab: str, workers: int | None, console: Console) -> bool:
    """Grades every version of a lab's bank and prints a line each.

    Returns:
        Whether every wrong version was caught and every right one kept all its points.

    Raises:
        CourseError: no sandbox, or no bank, or one for a function that the lab does not have.
    """
    from autograder.cli import progress_bar

    course.lab(lab)
    refuse_without_sandbox(trusted=False)
    bank = read_bank(course.home / "tests" / "banks" / lab)
    path = ensure_built(course, lab, lambda line: _say(console, line))
    assignment = nbformat.read(path, as_version=4)
    packs = list(packs_of(bank, assignment, lab))
    verdicts = []
    with progress_bar(console) as progress:
        task = progress.add_task(f"auditing {lab}", total=len(packs))
        for verdict in audit(course, lab, assignment, packs, workers):
            if isinstance(verdict, int):
                progress.update(task, advance=1)
                continue
            verdicts.append(verdict)
    order = {id(v): i for i, v in enumerate(v for vs in bank.values() for v in vs)}
    verdicts.sort(key=lambda verdict: order[id(verdict.version)])
    for verdict in verdicts:
        _print(console, verdict)
    bad = [verdict for verdict in verdicts if not verdict.good]
    wrong = sum(not verdict.version.right for verdict in verdicts)
    _say(
        console,
        f"{lab}: {wrong} wrong and {len(verdicts) - wrong} right versions, in {len(packs)} notebooks; "
        f"{len(bad)} not as they should be",
    )
    return not bad


def audit(
    course: Course,
    lab: str,
    assignment: NotebookNode,
    packs: Sequence[tuple[list[Version], NotebookNode]],
    workers: int | None,
) -> Iterator[Verdict | int]:
    """Grades the packs; gives a verdict a version, and the pack's number when one is through."""
    workers = workers or cores()
    text = nbformat.writes(assignment, version=4).encode("utf-8")
    # one pack holds many functions that may be slow or endless
    limits = dataclasses.replace(
        course.limits, notebook_seconds=10 * course.limits.notebook_seconds
    )
    make = job_maker(course, lab, text, limits, trusted=False)
    solutions = {grade_id(cell): cell.source for cell in assignment.cells if is_student_code(cell)}
    jobs = [
        make(str(number), nbformat.writes(notebook, version=4).encode("utf-8"), "")
        for number, (_, notebook) in enumerate(packs)
    ]
    for graded in grade_here(course, lab, jobs, workers, limits, trusted=False):
        number = int(graded.result.student)
        for version in packs[number][0]:
            yield verdict_on(version, graded.result, solutions)
        yield number


def packs_of(
    bank: dict[str, list[Version]], assignment: NotebookNode, lab: str
) -> Iterator[tuple[list[Version], NotebookNode]]:
    """Notebooks that hold the i-th version of every function: as few as the longest bank file has.

    Behind the checks of a function comes a cell that puts the reference solution back, so that a
    wrong version does not spoil the functions that call it.
    """
    known = {grade_id(cell) for cell in assignment.cells if is_student_code(cell)}
    strange = sorted(set(bank) - known)
    if strange:
        raise CourseError(
            f"the bank of {lab} has {', '.join(strange)}, but the lab has only {', '.join(sorted(known))}"
        )
    for number in range(max(map(len, bank.values()))):
        versions = [of[number] for of in bank.values() if number < len(of)]
        yield versions, _pack(versions, assignment)


def _pack(versions: list[Version], assignment: NotebookNode) -> NotebookNode:
    codes = {version.function: version.code for version in versions}
    notebook = copy.deepcopy(assignment)
    sources = {grade_id(cell): cell.source for cell in notebook.cells if is_student_code(cell)}
    last = {
        checked_function(grade_id(cell), sources): index
        for index, cell in enumerate(notebook.cells)
        if is_test(cell)
    }
    cells = []
    for index, cell in enumerate(notebook.cells):
        name = grade_id(cell)
        if name in codes:
            cell.source = f"# @{name}\n{codes[name]}"
        cells.append(cell)
        for function in codes:
            if last.get(function) == index:
                back = sources[function].split("\n", 1)[1]  # without its marker
                cells.append(new_code_cell(back))
    notebook.cells = cells
    return notebook


def verdict_on(version: Version, result: Result, solutions: dict[str, str]) -> Verdict:
    """What the checks of a version's function say in the result of the pack that held it."""
    checks = [
        check
        for check in result.checks
        if checked_function(check.grade_id, solutions) == version.function
    ]
    failed = [check for check in checks if check.points != check.max_points]
    lost = sum(check.max_points - (check.points or 0.0) for check in failed)
    if version.right:
        word = WRONGLY_FAILED if failed else KEPT
    elif not failed:
        word = MISSED
    else:
        word = CAUGHT if any(_says(check, version.says) for check in failed) else UNCLEAR
    told = next((c for c in failed if _says(c, version.says)), failed[0]) if failed else None
    return Verdict(version, word, lost, " ".join(gist(told.diagnosis).split()) if told else "")


def _says(check: Check, phrase: str) -> bool:
    return " ".join(phrase.split()) in " ".join(check.diagnosis.split())


def _print(console: Console, verdict: Verdict) -> None:
    version = verdict.version
    kind = "right" if version.right else "wrong"
    line = f"{verdict.word:14} {version.function}: {kind}: {version.title}"
    if verdict.lost:
        line += f" (-{verdict.lost:g})"
    if verdict.diagnosis:
        line += f": {verdict.diagnosis[:200]}"
    if verdict.word == UNCLEAR:
        line += f" [should say: {version.says}]"
    console.print(
        line,
        style=None if verdict.good else "bold red",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
