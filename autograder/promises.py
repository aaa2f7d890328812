"""What a check cell promises, which of it is hidden, and what a student is told when it fails."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder.build.rules import hidden_lines
from autograder.course import HIDDEN_TITLE
from autograder.results import Check

KEPT, BROKEN, NOT_REACHED = "kept", "broken", "not reached"
A_HIDDEN_CHECK = "A hidden check of this exercise."
_NOT_TOLD = "This check is hidden: what exactly it tries is not shown."


@dataclass(frozen=True)
class Promise:
    """One thing that a check cell tests.

    Attributes:
        text: a promise's docstring, or the message of a plain assertion.
        stated: whether the text says what holds; an assertion's message says what does not.
    """

    text: str
    hidden: bool
    stated: bool = True


@dataclass(frozen=True)
class Told:
    """A promise as a student's page shows it."""

    text: str
    state: str
    hidden: bool
    diagnosis: str = ""


def promises_of(cell: NotebookNode) -> list[Promise]:
    """The promises of an instructor's check cell, in the order in which they are tested."""
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:  # a cell with magics; its diagnosis speaks for itself
        return []
    hidden = hidden_lines(cell)
    found = []
    for statement in body:
        text = _promise(statement)
        if text:
            stated = not isinstance(statement, ast.Assert)
            found.append(Promise(text, statement.lineno in hidden, stated))
    return found


def tell(check: Check, cell: NotebookNode, policy: str) -> list[Told]:
    """Every promise of a graded cell, with what became of it.

    Args:
        cell: the instructor's version of the cell.
        policy: what to tell of hidden ones: course.HIDDEN_TITLE, HIDDEN_DIAGNOSIS or HIDDEN_ALL.
    """
    promises = promises_of(cell)
    if not check.diagnosis:
        state = KEPT if check.ran else NOT_REACHED
        return [Told(one.text, state, one.hidden) for one in promises if one.stated]
    broken, text, diagnosis = _broken(check.diagnosis, promises)
    if broken is None:
        # Nobody knows which one it was: what looks like no hidden one's may still quote its values.
        hidden = bool(hidden_lines(cell)) and not _says_nothing_of_the_check(check.diagnosis)
        unnamed = Told(text or (A_HIDDEN_CHECK if hidden else ""), BROKEN, hidden, diagnosis)
        rest = [Told(one.text, NOT_REACHED, one.hidden) for one in promises if one.stated]
        return [_censored(unnamed, policy), *rest]
    told = []
    for index, one in enumerate(promises):
        if index == broken:
            told.append(_censored(Told(one.text, BROKEN, one.hidden, diagnosis), policy))
        elif one.stated:
            told.append(Told(one.text, KEPT if index < broken else NOT_REACHED, one.hidden))
    return told


def _promise(statement: ast.stmt) -> str:
    """The docstring of a `@check.promise`, the message of an assertion; else ''."""
    if isinstance(statement, ast.FunctionDef) and any(
        "promise" in ast.unparse(decorator) for decorator in statement.decorator_list
    ):
        text = ast.get_docstring(statement) or statement.name.replace("_", " ")
        return " ".join(text.split())
    if isinstance(statement, ast.Assert) and isinstance(statement.msg, ast.Constant):
        return str(statement.msg.value)
    return ""


def _broken(diagnosis: str, promises: list[Promise]) -> tuple[int | None, str, str]:
    """Which promise a diagnosis is about, that promise's text, and the rest of the diagnosis."""
    first, _, rest = diagnosis.partition("\n")
    said = first.removeprefix("✗").strip() if first.startswith("✗") else ""
    for index, one in enumerate(promises):
        if said == one.text:
            return index, said, rest.strip()
        if not said and (diagnosis == one.text or diagnosis.startswith(f"{one.text} (also: ")):
            return index, one.text, diagnosis[len(one.text) :].strip()
    return None, "", (rest.strip() or diagnosis) if said else diagnosis


def _says_nothing_of_the_check(diagnosis: str) -> bool:
    """Limits, and what was never run or written: the grader's own words, without a value in them."""
    return diagnosis.startswith(
        ("this check ", "the code stopped answering", "not written yet", "NameError: name ")
    )


def _censored(told: Told, policy: str) -> Told:
    if not told.hidden or told.state != BROKEN or policy != HIDDEN_TITLE:
        return told
    return Told(told.text, told.state, True, _NOT_TOLD)
