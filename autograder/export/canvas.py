"""Canvas' gradebook: the CSV file that it exports, filled so that it takes it back.

What it writes and reads: instructure/canvas-lms, lib/gradebook_exporter.rb and gradebook_importer.rb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.course import CourseError, Lab
from autograder.export.roster import (
    Filled,
    Person,
    check_maximum,
    match,
    pick_column,
    points_of,
)
from autograder.export.sheet import Sheet, read_sheet
from autograder.results import Result

_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_TITLE = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)")
_TOTALS = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
_POSTING = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_KEPT = {
    "EX": "excused in Canvas",
    "N/A": "the assignment is not theirs in Canvas",
}


def fill(
    path: Path, lab: Lab, graded: Mapping[str, Result], column: str = "", scale: bool = False
) -> Filled:
    """The exported gradebook with the lab's scores in its column.

    Raises:
        CourseError: no gradebook of Canvas', no column for the lab, or another maximum.
    """
    sheet = read_sheet(path)
    header = sheet.header()
    _check(path, header)
    target = _column(path, header, lab, column)
    filled = Filled(sheet, header[target])
    most = check_maximum(path, lab, _maximum(path, sheet, target), scale)
    people = list(_people(sheet, header))
    students = match(people, graded, path)
    for person in people:
        student = students.get(person.row)
        now = sheet.value(person.row, target).strip()
        if student is None:
            filled.no_result.append(person.label)
        elif now.upper() in _KEPT:
            filled.kept.append((person.label, _KEPT[now.upper()]))
        else:
            points = points_of(graded[student].score, lab.points, most, scale)
            sheet.set(person.row, target, points)
            filled.filled.append(student)
    filled.not_in_roster = sorted(set(graded) - set(students.values()))
    return filled


def _check(path: Path, header: list[str]) -> None:
    first = header[:2] == ["Student", "ID"] or header[:3] == ["LastName", "FirstName", "ID"]
    if not first or "Section" not in header:
        raise CourseError(
            f"{path} is no gradebook of Canvas: its first line should begin Student,ID,… and have a "
            f"Section, but it begins {','.join(header[:4])!r}. In Canvas, open Grades, Export, Export "
            "Entire Gradebook"
        )


def _column(path: Path, header: list[str], lab: Lab, asked: str) -> int:
    """Assignments come after Section, as `Title (12345)`; the number or all of it may be asked for too."""
    titles: dict[int, str] = {}
    for index in range(header.index("Section") + 1, len(header)):
        found = _TITLE.fullmatch(header[index])
        if asked and asked in (header[index], found["id"] if found else header[index]):
            return index
        if found and not _TOTALS.search(header[index]):
            titles[index] = found["title"]
    return pick_column(path, titles, lab, asked)


def _maximum(path: Path, sheet: Sheet, column: int) -> str:
    for row in range(1, len(sheet.rows)):
        if "Points Possible" in sheet.value(row, 0):
            written = sheet.value(row, column)
            if "read only" in written:
                raise CourseError(
                    f"{path}: Canvas takes no scores in column {sheet.header()[column]!r}, it is read "
                    "only: name another one with --column"
                )
            return written
    return ""


def _people(sheet: Sheet, header: list[str]) -> Iterator[Person]:
    section = header.index("Section")
    columns = [index for index, title in enumerate(header[:section]) if title in _IDS]
    for row in range(1, len(sheet.rows)):
        first = sheet.value(row, 0).strip()
        values = [sheet.value(row, column) for column in range(len(header))]
        if "Points Possible" in first or all(_POSTING.fullmatch(value) for value in values):
            continue
        name = first
        if header[0] == "LastName":
            name = f"{first}, {values[1].strip()}"
        if name == "Student, Test":  # Canvas' own; it has an ID but is nobody
            continue
        ids = tuple(values[column] for column in columns if values[column].strip())
        yield Person(row, name or f"line {row + 1}", ids, (name,))
