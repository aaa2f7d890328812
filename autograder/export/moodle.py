"""Moodle: an assignment's grading worksheet, or the gradebook's CSV, filled so that it takes it back.

What it reads: moodle/moodle, mod/assign/feedback/offline/importgradeslib.php and locallib.php.
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

_IDS = ("identifier", "id number", "username", "email address")
_GIVEN, _FAMILY = ("first name",), ("surname", "last name")
_ITEM = re.compile(r"(?:[^:]+: )?(?P<title>.*?)(?: \((?:Real|Percentage|Letter)\))?")


def fill(
    path: Path, lab: Lab, graded: Mapping[str, Result], column: str = "", scale: bool = False
) -> Filled:
    """The exported file with the lab's scores in its grade column.

    Raises:
        CourseError: no file of Moodle's, no column for the lab, or another maximum.
    """
    sheet = read_sheet(path)
    header = [title.casefold() for title in sheet.header()]
    target = _column(path, sheet.header(), lab, column)
    filled = Filled(sheet, sheet.header()[target])
    people = list(_people(sheet, header))
    students = match(people, graded, path)
    for person in people:
        student = students.get(person.row)
        if student is None:
            filled.no_result.append(person.label)
        elif _cell(sheet, header, person.row, "grade can be changed").casefold() == "no":
            filled.kept.append((person.label, "Moodle says that the grade can't be changed"))
        else:
            most = check_maximum(
                path, lab, _cell(sheet, header, person.row, "maximum grade"), scale
            )
            points = points_of(graded[student].score, lab.points, most, scale)
            sheet.set(person.row, target, points)
            filled.filled.append(student)
    filled.not_in_roster = sorted(set(graded) - set(students.values()))
    return filled


def _column(path: Path, header: list[str], lab: Lab, asked: str) -> int:
    """`Grade` of a worksheet; in a gradebook one of `Assignment: Title (Real)`."""
    lower = [title.casefold() for title in header]
    if "identifier" in lower:
        missing = [
            title for title in ("Grade", "Last modified (grade)") if title.casefold() not in lower
        ]
        if missing:
            raise CourseError(
                f"{path} has no column {missing[0]!r}, which Moodle needs to take it back: download the "
                "grading worksheet again"
            )
        return lower.index("grade")
    if "email address" not in lower and "username" not in lower:
        raise CourseError(
            f"{path} is no grading worksheet and no gradebook of Moodle: neither Identifier nor Email "
            f"address is in its first line, {','.join(header[:4])!r}. Switch Moodle to English, open the "
            "assignment, View all submissions, Download grading worksheet"
        )
    titles = {}
    for index, title in enumerate(header):
        if asked and title == asked:
            return index
        item = _ITEM.fullmatch(title)
        if item and ":" in title:
            titles[index] = item["title"]
    return pick_column(path, titles, lab, asked)


def _people(sheet: Sheet, header: list[str]) -> Iterator[Person]:
    for row in range(1, len(sheet.rows)):
        if not any(sheet.value(row, column).strip() for column in range(len(header))):
            continue
        name = _cell(sheet, header, row, "full name")
        given, family = (_first(sheet, header, row, titles) for titles in (_GIVEN, _FAMILY))
        name = name or f"{given} {family}".strip()
        ids = [value for title in _IDS if (value := _cell(sheet, header, row, title))]
        # `Participant 123`: submissions that are downloaded carry the number alone
        ids += re.findall(r"\d+$", _cell(sheet, header, row, "identifier"))
        yield Person(row, name or (ids or [f"line {row + 1}"])[0], tuple(ids), (name,))


def _cell(sheet: Sheet, header: list[str], row: int, title: str) -> str:
    return sheet.value(row, header.index(title)).strip() if title in header else ""


def _first(sheet: Sheet, header: list[str], row: int, titles: tuple[str, ...]) -> str:
    return next((value for title in titles if (value := _cell(sheet, header, row, title))), "")
