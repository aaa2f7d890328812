"""Results as people read them: a table on the screen, a CSV file for the registrar."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from autograder import store
from autograder.results import GRADED, NEEDS_MANUAL, PARTIAL, Result

_COLOURS = {GRADED: "green", NEEDS_MANUAL: "green", PARTIAL: "yellow"}
_FIRST = ["student", "lab", "score", "max_score", "status", "reason"]


def number(value: float) -> str:
    """90, 87.5: no zeros that say nothing."""
    return f"{value:.6g}"


def counted(count: float, noun: str) -> str:
    """`1 point`, `3 points`."""
    return f"{number(count)} {noun if count == 1 else noun + 's'}"


def write_csv(path: Path, results: Sequence[Result], grade_ids: Sequence[str]) -> None:
    """One row a student: the table of the documentation, then a column a graded cell.

    A cell that was not graded, or that a person still has to grade, is left empty.

    Raises:
        CourseError: the file can't be written.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_FIRST, *grade_ids])
    for result in results:
        points = {check.grade_id: check.points for check in result.checks}
        cells = [points.get(name) for name in grade_ids]
        writer.writerow(
            [
                result.student,
                result.lab,
                number(result.score),
                number(result.max_score),
                result.status,
                result.reason,
                *["" if value is None else number(value) for value in cells],
            ]
        )
    store.write(path.absolute(), text.getvalue().encode("utf-8"))


def results_table(results: Sequence[Result], title: str) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    table.add_column("student", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("reason", overflow="fold", ratio=1)
    for result in results:
        score = f"{number(result.score)} / {number(result.max_score)}"
        status = Text(result.status, style=_COLOURS.get(result.status, "red"))
        table.add_row(Text(result.student), score, status, Text(shorten(result.reason)))
    return table


def shorten(text: str, characters: int = 160) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"
