"""`autograder demo`: a sample class through the real path, held against what each one deserves."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.build import ensure_built
from autograder.classroom import grade_class
from autograder.collect import collect
from autograder.course import Course
from autograder.feedback import write_feedback
from autograder.report import write_report
from autograder.results import Result
from autograder.samples import Sample, hand_over, sample_class
from autograder.sandbox import choice
from autograder.standing import standing
from autograder.table import number, shorten

# Tighter than a course's own, so that the samples that run into them don't take all day.
_CELL_SECONDS, _MEMORY_MB = 20, 1500
_ROOM_FOR_REASONS = (
    110  # columns; in fewer, the table has no room for them, and the report has them
)


def run_demo(course: Course, workers: int | None, console: Console, lab: str = "") -> bool:
    """Grades the sample class in a folder of its own, and prints who got what.

    Args:
        lab: default: the course's first.

    Returns:
        Whether everybody got what they deserve.
    """
    lab = lab or next(iter(course.labs))
    course = dataclasses.replace(course, root=course.root / "demo")
    _say(
        console, f"building {lab}: the reference solution must earn everything, the stub nothing …"
    )
    secret = ensure_built(course, lab, lambda line: _say(console, line))
    notebook = nbformat.read(secret, as_version=4)
    samples = sample_class(notebook, lab, secret.resolve())
    reason = choice.why_not()
    if reason:
        samples = [sample for sample in samples if not sample.hostile]
        _say(console, f"NO SANDBOX: {reason}")
        _say(
            console,
            "grading the harmless samples with --trust-submissions, without the hostile ones",
        )
    folder = _write(course, lab, samples)
    collected = collect(course, lab, [folder])
    results = _graded(course, lab, collected.students, workers, bool(reason), console)
    right = _print(console, samples, results)
    if not secret.is_file():
        _say(console, f"a submission deleted {secret}")
    _say(console, f"submissions: {folder}; graded notebooks: {course.autograded}")
    _hand_back(course, lab, console)
    return right and secret.is_file() and set(results) == {sample.name for sample in samples}


def _write(course: Course, lab: str, samples: Sequence[Sample]) -> Path:
    for name in (
        "submissions",
        "submitted",
        "autograded",
        "results",
        "aside",
        "feedback",
        "reports",
    ):
        shutil.rmtree(course.root / name, ignore_errors=True)
    folder = course.root / "submissions"
    hand_over(samples, folder, lab)
    return folder


def _graded(
    course: Course,
    lab: str,
    students: Sequence[str],
    workers: int | None,
    trusted: bool,
    console: Console,
) -> dict[str, Result]:
    from autograder.cli import progress_bar

    limits = dataclasses.replace(
        course.limits,
        cell_seconds=min(course.limits.cell_seconds, _CELL_SECONDS),
        memory_mb=min(course.limits.memory_mb, _MEMORY_MB),
    )
    with progress_bar(console) as progress:
        task = progress.add_task(f"grading {len(students)} submissions", total=len(students))
        results = grade_class(
            course,
            lab,
            students,
            workers=workers,
            force=True,
            trusted=trusted,
            limits=limits,
            on_result=lambda result, stored: progress.update(task, advance=1),
            report=lambda line: _say(progress.console, line),
        )
    return {result.student: result for result in results}


def _hand_back(course: Course, lab: str, console: Console) -> None:
    stands = standing(course, lab)
    pages = write_feedback(stands)
    _say(console, f"feedback: {len(pages)} pages in {course.feedback}")
    _say(console, f"report: {write_report(stands)}")


def _print(console: Console, samples: Sequence[Sample], results: dict[str, Result]) -> bool:
    table = Table(title="The sample class", title_justify="left", show_lines=False)
    table.add_column("student", no_wrap=True)
    table.add_column("what it did", overflow="fold", ratio=2)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("deserves", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    wide = console.width >= _ROOM_FOR_REASONS
    if wide:
        table.add_column("reason", overflow="fold", ratio=3)
    wrong = []
    for sample in samples:
        result = results.get(sample.name)
        if result is None:
            wrong.append(f"{sample.name} has no result")
            continue
        fits = result.score == sample.deserves and result.status == sample.status
        if not fits:
            wrong.append(f"{sample.name}: expected {number(sample.deserves)} and {sample.status}")
        table.add_row(
            sample.name,
            Text(sample.story),
            Text(number(result.score), style="green" if fits else "bold red"),
            number(sample.deserves),
            result.status,
            *([Text(shorten(result.reason, 140))] if wide else []),
        )
    console.print(table)
    for line in wrong:
        _say(console, f"WRONG: {line}")
    _say(console, f"{len(samples) - len(wrong)} of {len(samples)} got what they deserve")
    return not wrong


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
