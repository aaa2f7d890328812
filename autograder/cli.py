"""The command line: `autograder`, or `python -m autograder`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograder.course import Course, CourseError, load_course
from autograder.results import PARTIAL, UNREADABLE, Result

DONE, NOT_ALL = 0, 1

app = typer.Typer(
    help="Builds the labs, collects what students hand in, and grades it in a sandbox.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
errors = Console(stderr=True)

Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="How many at once; default: one a processor."),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust-submissions", help="Run without a sandbox. Only for code you would run yourself."
    ),
]


@app.command()
def demo(jobs: Jobs = None) -> None:
    """Grade a sample class of lab 1: right, partial, blank, broken and hostile submissions."""
    from autograder.demo import run_demo

    raise typer.Exit(DONE if run_demo(load_course(), jobs, console) else NOT_ALL)


@app.command()
def build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Labs or lectures; default: all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if anything differs.")
    ] = False,
    force: Annotated[bool, typer.Option(help="Run everything again, changed or not.")] = False,
) -> None:
    """Build lecture notebooks, student notebooks and the nbgrader course from their sources."""
    from autograder.build import build as build_all

    result = build_all(load_course(), names or None, check, _say, force)
    for path in result.written:
        _say(f"written: {path}")
    for line in result.differs:
        _complain(f"differs: {line}: run `autograder build`")
    for line in result.refused:
        _complain(f"refused: {line}")
    if result.refused or result.differs:
        raise typer.Exit(NOT_ALL)
    _say(f"{len(result.unchanged)} unchanged, {len(result.written)} written")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Such as lab7_optical_flow.")],
    title: Annotated[str, typer.Option(help="What people read; default: the name in words.")] = "",
    function: Annotated[
        str, typer.Option(help="What the exercise asks students to write.")
    ] = "standardise",
) -> None:
    """Begin a lab of your own: a source with one exercise and its checks, a bank, a place in course.toml."""
    from autograder.new import course_here, new_lab

    course = course_here()
    for path in new_lab(course, name, title, function):
        _say(f"written: {path.relative_to(course.home)}")
    _say(f"added to course.toml: [labs.{name}]")
    _say("It builds, audits and grades as it is. Change it, and run after each change:")
    for step in ("build {}", "audit {}", "grade {} --submissions DIR"):
        _say(f"  autograder {step.format(name)}")


@app.command()
def release(
    labs: Annotated[list[str], typer.Argument(help="Labs to hand out.")],
    to: Annotated[Path, typer.Option("--to", help="A folder, or a file ending in .zip.")],
) -> None:
    """Write the student bundle: no solution, no hidden test, nothing of the grader."""
    from autograder.build.bundle import release as write_bundle
    from autograder.build.bundle import size_of
    from autograder.build.links import links_of

    course = load_course()
    written = write_bundle(course, labs, to, _say)
    _say(f"written: {written}, {size_of(written)}")
    for link in links_of(course, labs):
        _say(link)


@app.command()
def collect(
    lab: Annotated[str, typer.Argument(help="The lab, as course.toml names it.")],
    paths: Annotated[list[Path], typer.Argument(help="Folders, zip archives or notebooks.")],
) -> None:
    """Take submissions from folders and zip archives into submitted/."""
    course = load_course()
    _collect(course, lab, paths)


@app.command()
def grade(
    lab: Annotated[str, typer.Argument(help="The lab, as course.toml names it.")],
    submissions: Annotated[
        Path | None,
        typer.Option("--submissions", help="Collect from here first, and grade only these."),
    ] = None,
    jobs: Jobs = None,
    scheduler: Annotated[
        str,
        typer.Option(
            "--scheduler", help="Grade on the Dask cluster at this address, tcp://HOST:8786."
        ),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Grade also what has not changed.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write one row a student to this file.")
    ] = None,
    trust: Trust = False,
) -> None:
    """Grade what is in submitted/, or in the folder or archive given with --submissions."""
    from autograder.classroom import refuse_without_sandbox
    from autograder.collect import submitted_students

    course = load_course()
    course.lab(lab)
    if not scheduler:
        refuse_without_sandbox(trust)
    if submissions is not None:
        students = _collect(course, lab, [submissions])
    else:
        students = submitted_students(course, lab)
    if not students:
        raise CourseError(
            f"nothing to grade in {course.submitted}: collect first, or name a folder with --submissions"
        )
    results = _grade(course, lab, students, jobs, force, trust, scheduler)
    _tell(course, lab, results, csv)
    failed = [result for result in results if result.status in (PARTIAL, UNREADABLE)]
    raise typer.Exit(NOT_ALL if failed else DONE)


@app.command()
def feedback(
    lab: Annotated[str, typer.Argument(help="The lab, as course.toml names it.")],
) -> None:
    """Write a page a student: each check, points, the diagnosis, comments."""
    from autograder.feedback import write_feedback
    from autograder.standing import standing

    course = load_course()
    stands = standing(course, lab)
    pages = write_feedback(stands)
    _say(f"written: {len(pages)} pages, {course.feedback}/STUDENT/{lab}/{lab}.html")
    _waiting(lab, stands.waiting)


@app.command()
def report(
    lab: Annotated[str, typer.Argument(help="The lab, as course.toml names it.")],
) -> None:
    """Write one page for the instructor: scores, checks, flags, what could not be read."""
    from autograder.report import write_report
    from autograder.standing import standing

    stands = standing(load_course(), lab)
    _say(f"written: {write_report(stands)}")
    _waiting(lab, stands.waiting)


@app.command()
def export(
    lab: Annotated[str, typer.Argument(help="The lab, as course.toml names it.")],
    form: Annotated[str, typer.Option("--format", help="csv, canvas, moodle or gradescope.")],
    roster: Annotated[
        Path | None, typer.Option("--roster", help="The file that Canvas or Moodle exported.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to; default: exports/ of the course.")
    ] = None,
    column: Annotated[
        str, typer.Option("--column", help="Which column, where the lab's title does not tell.")
    ] = "",
    scale: Annotated[
        bool, typer.Option("--scale", help="Convert scores to the maximum that the roster has.")
    ] = False,
) -> None:
    """Write the scores as a table, or as Canvas, Moodle or Gradescope take them."""
    from autograder.export import export as write
    from autograder.standing import standing

    stands = standing(load_course(), lab)
    exported = write(stands, form, roster, to, column, scale)
    _say(f"written: {exported.path}")
    for note in exported.notes:
        _say(note)
    for line in exported.left_out:
        _complain(line)
    _waiting(lab, stands.waiting)
    raise typer.Exit(NOT_ALL if exported.left_out else DONE)


@app.command()
def audit(
    lab: Annotated[
        str | None, typer.Argument(help="One lab; default: every lab with a bank.")
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Run the bank of right and wrong implementations through the real grader."""
    from autograder.audit import run_audit

    course = load_course()
    labs = [lab] if lab else list(course.labs)
    passed = [run_audit(course, name, jobs, console) for name in labs]
    raise typer.Exit(DONE if all(passed) else NOT_ALL)


@app.command()
def doctor() -> None:
    """Say what is missing on this machine, and how to get it."""
    from autograder.doctor import run_doctor

    raise typer.Exit(DONE if run_doctor(console) else NOT_ALL)


def _waiting(lab: str, students: Sequence[str]) -> None:
    """Says who handed something in since the last grading; the exit status says so too."""
    if students:
        _complain(f"not graded yet: {', '.join(students)}: run `autograder grade {lab}`")
        raise typer.Exit(NOT_ALL)


def _collect(course: Course, lab: str, paths: Sequence[Path]) -> list[str]:
    from autograder.collect import collect as take

    collected = take(course, lab, paths)
    _say(f"collected {len(collected.students)} submissions of {lab} into {course.submitted}")
    for shown, why in collected.aside:
        _say(f"put aside: {shown}: {why}")
    return collected.students


def _grade(
    course: Course,
    lab: str,
    students: Sequence[str],
    jobs: int | None,
    force: bool,
    trust: bool,
    scheduler: str,
) -> list[Result]:
    from autograder.classroom import grade_class

    if trust:
        _complain("without a sandbox: these submissions can do whatever you can")
    with progress_bar(console) as progress:
        task = progress.add_task("grading", total=len(students), start=False)

        known = 0

        def advance(result: Result, stored: bool) -> None:
            nonlocal known
            progress.start_task(task)
            progress.update(task, advance=1, description=f"graded {result.student[:30]}")
            if stored:  # took no time, so the time left must not be reckoned from it
                known += 1
                progress.reset(task, completed=known)

        return grade_class(
            course,
            lab,
            students,
            workers=jobs,
            force=force,
            trusted=trust,
            scheduler=scheduler,
            on_result=advance,
            report=lambda line: progress.console.print(line, markup=False, highlight=False),
        )


def _tell(course: Course, lab: str, results: Sequence[Result], csv: Path | None) -> None:
    from autograder.table import counted, results_table, write_csv

    console.print(results_table(results, f"{course.lab(lab).title} ({lab})"))
    if csv is not None:
        names = list(dict.fromkeys(check.grade_id for r in results for check in r.checks))
        write_csv(csv, results, names)
        _say(f"written: {csv}")
    flagged = [result for result in results if result.flags]
    if flagged:
        _say(
            f"{counted(len(flagged), 'submission')} flagged: {_some(flagged)}; the report says why"
        )
    _say(f"report: autograder report {lab}; a page a student: autograder feedback {lab}")


def _some(results: Sequence[Result]) -> str:
    names = [result.student for result in results]
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")


def progress_bar(where: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=where,
        transient=True,
        speed_estimate_period=600,  # seconds: one submission may take minutes
    )


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _complain(line: str) -> None:
    errors.print(line, markup=False, highlight=False, soft_wrap=True)


def main(run: Callable[..., object] = app) -> None:
    """The console script. A user's own mistake is a sentence on stderr, and exit status 2."""
    try:
        run()
    except CourseError as error:
        _complain(f"autograder: {error}")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        _complain(
            "interrupted; what was graded so far is kept: the same command goes on from there"
        )
        sys.exit(NOT_ALL)
    except BrokenPipeError:
        sys.exit(NOT_ALL)
