"""Grades a class: from what is in submitted/ to results on disk and scores in the gradebook."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import nbformat

from autograder import store
from autograder.build import ensure_built
from autograder.collect import read_submission
from autograder.course import Course, CourseError, Limits
from autograder.place import cores, describe_place
from autograder.record import Recorder
from autograder.regrade import remember
from autograder.results import UNREADABLE, Graded, Job, Place, Result
from autograder.sandbox import choice, places
from autograder.schedule import grade_all
from autograder.warm import parents


def refuse_without_sandbox(trusted: bool) -> None:
    """Raises CourseError where submissions would run unprotected and nobody said that they may."""
    if trusted:
        return
    reason = choice.why_not()
    if reason:
        raise CourseError(
            f"no sandbox, so nothing is run: {reason}. Only if you trust every submission as your own "
            "code, add --trust-submissions"
        )


def grade_class(
    course: Course,
    lab: str,
    students: Sequence[str],
    *,
    workers: int | None = None,
    force: bool = False,
    trusted: bool = False,
    limits: Limits | None = None,
    scheduler: str = "",
    on_result: Callable[[Result, bool], None] = lambda result, stored: None,
    report: Callable[[str], None] = print,
) -> list[Result]:
    """Grades everybody whose submission, or whose lab, has changed since the last time.

    Args:
        students: folders of course.submitted.
        workers: how many at once; default: one a processor.
        force: grade also what has not changed.
        trusted: without a sandbox.
        scheduler: address of a Dask cluster that grades instead of this machine; empty: none.
        on_result: is told each result, and whether it is a stored one.

    Returns:
        A result each, in the order of `students`, with the scores that people gave.

    Raises:
        CourseError: no sandbox, no such lab, no cluster at the address, or the gradebook can't be written.
    """
    if not scheduler:  # else the cluster's workers look for theirs
        refuse_without_sandbox(trusted)
    places.remove_left_folders()
    assignment = ensure_built(course, lab, report).read_bytes()
    workers = max(1, workers or cores())
    make = job_maker(course, lab, assignment, limits or course.limits, trusted)

    def grade_jobs(jobs: Iterable[Job]) -> Generator[Graded]:
        if scheduler:
            from autograder.cluster import grade_on_cluster

            return grade_on_cluster(jobs, scheduler, private_folders(course), report)
        return grade_here(course, lab, jobs, workers, limits or course.limits, trusted)

    results = {}
    notebook = nbformat.reads(assignment.decode("utf-8"), as_version=4)
    # closed, so that nothing goes on running where a result can't be recorded
    one_by_one = closing(_stored_then_graded(course, lab, students, make, grade_jobs, force))
    with Recorder(course, lab, notebook) as recorder, one_by_one as all_graded:
        for graded, stored in all_graded:
            results[graded.result.student] = recorder.record(graded)
            on_result(results[graded.result.student], stored)
    return [results[student] for student in students]


def _stored_then_graded(
    course: Course,
    lab: str,
    students: Sequence[str],
    make: Callable[[str, bytes | None, str], Job],
    grade_jobs: Callable[[Iterable[Job]], Generator[Graded]],
    force: bool,
) -> Generator[tuple[Graded, bool]]:
    """What is known already, then the rest as it is graded, and kept before anybody else hears of it.

    Submissions are read when their turn comes: a class of them may not fit into memory.
    """
    keys, handed_in, fresh = {}, {}, []

    def job_of(student: str) -> Job:
        job = make(student, *read_submission(course, lab, student))
        keys[student], handed_in[student] = store.key_of(job), store.digest(job.submission)
        return job

    for student in students:
        job_of(student)
        known = None if force else store.load(course, lab, student)
        if known is None or known.key != keys[student]:
            fresh.append(student)
        else:
            yield Graded(known, store.load_notebook(course, lab, student)), True
    if not fresh:
        return
    with closing(grade_jobs(map(job_of, fresh))) as newly_graded:
        for graded in newly_graded:
            result = graded.result
            result.handed_in = handed_in[result.student]
            if graded.notebook is not None or result.status == UNREADABLE:
                result.key = keys[result.student]  # else it is tried again next time
                remember(course, lab, result)
            store.save(course, lab, graded)
            yield graded, False


def grade_here(
    course: Course, lab: str, jobs: Iterable[Job], workers: int, limits: Limits, trusted: bool
) -> Generator[Graded]:
    """Grades submissions of one lab on this machine, `workers` at once, from parents that are warm."""
    place, withheld = place_here(course, workers), course.lab(lab).withheld
    with parents(place, limits, withheld, trusted) as warm:
        yield from grade_all(jobs, workers, warm)


def job_maker(
    course: Course, lab: str, assignment: bytes, limits: Limits, trusted: bool
) -> Callable[[str, bytes | None, str], Job]:
    """A function (student, submission, problem) -> Job for one lab."""
    withheld = course.lab(lab).withheld

    def make(student: str, submission: bytes | None, problem: str = "") -> Job:
        return Job(student, lab, submission, assignment, limits, problem, withheld, trusted)

    return make


def place_here(course: Course, workers: int) -> Place:
    """This machine, for `workers` submissions at once."""
    return describe_place(max(1, cores() // workers), private_folders(course))


def private_folders(course: Course) -> list[Path]:
    """What no submission may see, wherever it is graded."""
    return [course.root, course.home / "notebooks" / "source", course.home / "tests"]
