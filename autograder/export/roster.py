"""Who in a roster is which student: by id, login, email or name, and never by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CourseError, Lab
from autograder.export.sheet import Sheet
from autograder.whose import as_student_id


@dataclass(frozen=True)
class Person:
    """A row of a roster.

    Attributes:
        label: how a message names them.
        ids: what a platform knows them by: numbers, logins, email addresses.
        names: as it writes their name: "Jane Doe", "Doe, Jane".
    """

    row: int
    label: str
    ids: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass
class Filled:
    """A roster with scores in it.

    Attributes:
        filled: the students whose score it now holds.
        no_result: people of the roster who handed nothing in.
        not_in_roster: students with a result who are nobody in it.
        kept: (who, why) of the cells that were left alone although there is a score.
    """

    sheet: Sheet
    column: str
    filled: list[str] = field(default_factory=list)
    no_result: list[str] = field(default_factory=list)
    not_in_roster: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


def match(people: Sequence[Person], students: Iterable[str], where: Path) -> dict[int, str]:
    """Row -> student. The surest sign first; who is found by it is out of the game for the next.

    Raises:
        CourseError: one sign points at two people, or two students at one.
    """
    found: dict[int, str] = {}
    left = sorted(students)
    for keys_of, key_of in _SIGNS:
        candidates: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            for key in {keys for keys in keys_of(person) if keys and person.row not in found}:
                candidates[key].append(person)
        claims: dict[int, list[str]] = defaultdict(list)
        for student in left:
            meant = candidates.get(key_of(student), [])
            if len(meant) > 1:
                raise CourseError(_two_people(where, student, meant))
            for person in meant:
                claims[person.row].append(student)
        for row, claimants in claims.items():
            if len(claimants) > 1:
                raise CourseError(_two_students(where, people, row, claimants))
            found[row] = claimants[0]
        left = [student for student in left if student not in set(found.values())]
    return found


def points_of(score: float, lab_points: float, most: float, scale: bool) -> str:
    """A score as a roster takes it: two decimals at most, on the roster's scale where that is asked."""
    value = round(score * most / lab_points if scale else score, 2)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def check_maximum(where: Path, lab: Lab, written: str, scale: bool) -> float:
    """The roster's maximum; it has to be the lab's unless scores are to be scaled.

    Raises:
        CourseError: it is another one, or no number.
    """
    try:
        most = float(written.strip().replace(",", ".")) if written.strip() else lab.points
    except ValueError:
        raise CourseError(
            f"{where}: the maximum {written!r} is no number: export the file again"
        ) from None
    if most != lab.points and not scale:
        raise CourseError(
            f"{where}: the maximum there is {most:g} points, but {lab.name} has {lab.points:g}: change "
            f"it to {lab.points:g} there and export again, or add --scale to convert every score"
        )
    return most


def pick_column(where: Path, columns: dict[int, str], lab: Lab, asked: str) -> int:
    """The index of the lab's column.

    Args:
        columns: index -> title, those that can hold a lab's scores.
        asked: what the user typed for it; empty: the lab's title or name is looked for.

    Raises:
        CourseError: none fits, or several do.
    """
    words = [asked] if asked else [lab.title, lab.name]
    exact = [
        i for i, title in columns.items() if any(squeezed(title) == squeezed(w) for w in words)
    ]
    short = re.match(r"[A-Za-z]+\d+", lab.name)  # lab1 of lab1_adversarial
    if short and not asked:
        words.append(short[0])
    part = [i for i, title in columns.items() if any(_holds(title, word) for word in words)]
    for hits in (exact, part):
        if len(hits) == 1:
            return hits[0]
        if hits:
            named = ", ".join(repr(columns[i]) for i in hits)
            raise CourseError(
                f"{where}: several columns may be {lab.name}: {named}: say which with --column"
            )
    named = ", ".join(map(repr, columns.values())) or "none"
    looked_for = " or ".join(repr(word) for word in words)
    raise CourseError(
        f"{where}: no column is called {looked_for}; it has: {named}: say which one with --column"
    )


def squeezed(text: str) -> str:
    """Letters and digits only, without case and accents' ways of being written."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in text if c.isalnum())


def name_forms(name: str) -> tuple[str, ...]:
    """`Doe, Jane` and `Jane Doe` are the same person."""
    last, comma, first = name.partition(",")
    if comma:
        return (name, f"{first.strip()} {last.strip()}")
    first, _, last = name.strip().rpartition(" ")
    return (name, f"{last} {first}") if first else (name,)


def _holds(title: str, word: str) -> bool:
    """Whether a title holds a word, not as a part of a longer one: `Lab 1`, not `Lab 12`."""
    return bool(word) and bool(re.search(rf"{re.escape(squeezed(word))}(?!\d)", squeezed(title)))


def _plain(text: str) -> str:
    return as_student_id(text.strip()).casefold()


def _names(person: Person) -> list[str]:
    return [squeezed(form) for name in person.names for form in name_forms(name)]


def _numbered_names(person: Person) -> list[str]:
    """As collecting tells namesakes apart: NAME_NUMBER."""
    return [f"{name}{squeezed(one)}" for name in _names(person) for one in person.ids if name]


def _email_names(person: Person) -> list[str]:
    return [_plain(one.partition("@")[0]) for one in person.ids if "@" in one]


# (a person's keys, a student's key), the surest first.
_SIGNS: tuple[tuple[Callable[[Person], Iterable[str]], Callable[[str], str]], ...] = (
    (lambda person: map(_plain, person.ids), _plain),
    (_email_names, _plain),
    (lambda person: map(squeezed, person.ids), squeezed),
    (_numbered_names, squeezed),
    (_names, squeezed),
)


def _two_people(where: Path, student: str, meant: Sequence[Person]) -> str:
    named = " or ".join(f"{person.label} (line {person.row + 1})" for person in meant)
    return (
        f"{where}: {student!r} may be {named}: collect that submission again under an id that only one "
        "of them has"
    )


def _two_students(where: Path, people: Sequence[Person], row: int, students: Sequence[str]) -> str:
    label = next(person.label for person in people if person.row == row)
    named = " and ".join(map(repr, students))
    return (
        f"{where}: {named} are both {label} (line {row + 1}): move all but the one that counts out of "
        "submitted/ and results/"
    )
