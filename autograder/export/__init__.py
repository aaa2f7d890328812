"""Scores as other systems take them: a table, Canvas, Moodle, Gradescope."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CourseError
from autograder.export import canvas, gradescope, moodle
from autograder.export.roster import Filled
from autograder.results import Result
from autograder.standing import Standing
from autograder.table import counted, number, write_csv

CSV, CANVAS, MOODLE, GRADESCOPE = "csv", "canvas", "moodle", "gradescope"
FORMATS = (CSV, CANVAS, MOODLE, GRADESCOPE)
_FILL = {CANVAS: canvas.fill, MOODLE: moodle.fill}


@dataclass(frozen=True)
class Exported:
    """What came of an export.

    Attributes:
        path: the file or folder written.
        notes: what the file does not say by itself, a sentence each.
        left_out: sentences about scores that are not in the file.
    """

    path: Path
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def export(
    stands: Standing,
    form: str,
    roster: Path | None = None,
    to: Path | None = None,
    column: str = "",
    scale: bool = False,
) -> Exported:
    """Writes the scores of a lab in one of `FORMATS`.

    Args:
        roster: the file that Canvas or Moodle exported, to be filled; it stays as it is unless `to`
            is that very file.
        to: where to; default: exports/ in nbgrader's course folder.
        column: which column of the roster, where its title does not tell.
        scale: convert the points where the roster's maximum is another than the lab's.

    Raises:
        CourseError: the roster is missing, not what the format needs, or says two things at once.
    """
    if form not in FORMATS:
        raise CourseError(f"no format called {form!r}; there are: {', '.join(FORMATS)}")
    suffix = ".zip" if form == GRADESCOPE else ".csv"
    path = to or stands.course.root / "exports" / f"{stands.lab}-{form}{suffix}"
    if form in _FILL:
        if roster is None:
            raise CourseError(_where_from(form))
        graded = {result.student: result for result in stands.results if result.key}
        filled = _FILL[form](roster, stands.course.lab(stands.lab), graded, column, scale)
        filled.sheet.write(path)
        return Exported(path, _notes(filled, graded), _left_out(filled, stands.results))
    if roster is not None:
        raise CourseError(f"--roster {roster}: only canvas and moodle fill a roster; leave it out")
    if form == CSV:
        names = list(dict.fromkeys(c.grade_id for r in stands.results for c in r.checks))
        write_csv(path, stands.results, names)
    else:
        gradescope.write(stands, path)
    return Exported(path, _scores_so_far(stands.results))


def _where_from(form: str) -> str:
    if form == CANVAS:
        return "canvas needs --roster FILE: in Canvas, open Grades, Export, Export Entire Gradebook"
    return (
        "moodle needs --roster FILE: in Moodle, open the assignment, View all submissions, Download "
        "grading worksheet (switch on `Offline grading worksheet` in its settings first)"
    )


def _notes(filled: Filled, graded: dict[str, Result]) -> list[str]:
    notes = [f"filled: {counted(len(filled.filled), 'score')} in column {filled.column!r}"]
    if filled.no_result:
        notes.append(f"no result, left as they were: {', '.join(filled.no_result)}")
    notes += [f"left as it was: {who}: {why}" for who, why in filled.kept]
    return notes + _scores_so_far([graded[student] for student in filled.filled])


def _left_out(filled: Filled, results: list[Result]) -> list[str]:
    told = [
        f"graded, but not in the roster: {result.student} ({number(result.score)} points)"
        for result in results
        if result.student in filled.not_in_roster
    ]
    not_graded = [f"could not be graded yet: {one.student}" for one in results if not one.key]
    return told + not_graded


def _scores_so_far(results: list[Result]) -> list[str]:
    waiting = [r.student for r in results if any(c.manual and c.points is None for c in r.checks)]
    if not waiting:
        return []
    return [
        f"{counted(len(waiting), 'score')} without the written answer, which nobody has read yet: "
        f"{', '.join(waiting)}"
    ]
