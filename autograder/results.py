"""What grading one submission comes to, as it is kept on disk."""

from __future__ import annotations

import msgspec

from autograder.course import Limits

# Part of what decides whether a stored result still holds; raised when grading itself changes.
GRADER_VERSION = 2

GRADED, NEEDS_MANUAL, PARTIAL, UNREADABLE = "graded", "needs-manual", "partial", "unreadable"


class Job(msgspec.Struct, frozen=True):
    """One submission to grade: everything its result depends on, as bytes and numbers.

    Attributes:
        submission: the file as it was handed in; None where none was found (`problem` says why).
        assignment: the instructor's notebook, solutions and hidden tests in it.
        withheld: modules that are absent while this lab is graded: the reference implementations.
        trusted: without a sandbox.
    """

    student: str
    lab: str
    submission: bytes | None
    assignment: bytes
    limits: Limits
    problem: str = ""
    withheld: tuple[str, ...] = ()
    trusted: bool = False


class Place(msgspec.Struct, frozen=True):
    """The machine that grades, as far as a submission is to see it; it does not change the result.

    Attributes:
        threads: how many threads the numeric libraries may start.
        show, hide: folders that the sandbox shows read-only, and folders it never shows.
        environment: variables that a submission sees beside the sandbox's own.
        fonts: matplotlib's list of this machine's fonts, to spare every sandbox making one.
        student_parent, checker_parent: addresses of the warm parents that kernels and checkers are
            forked from (see `autograder.warm`); empty: each starts by itself.
    """

    threads: int = 1
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    fonts: str = ""
    student_parent: str = ""
    checker_parent: str = ""


class Check(msgspec.Struct):
    """One graded cell.

    Attributes:
        points: earned; None while a person still has to give them.
        ran: whether it ran to an end of its own or was ended by a limit; False where it was not reached.
        diagnosis: what the student should know; empty when all is well.
    """

    grade_id: str
    max_points: float
    points: float | None = 0.0
    manual: bool = False
    ran: bool = False
    diagnosis: str = ""
    seconds: float = 0.0


class Result(msgspec.Struct):
    """One submission, graded.

    Attributes:
        score: the points of everything that is decided so far, less the penalty; never below 0.
        max_score: the whole lab's, written answers included.
        reason: sentences for whoever reads the table: limits hit, what could not be run or read,
            which checks failed and why.
        limits: a sentence for every limit that was hit.
        repairs: what was put right in the submission before it ran.
        flags: what a person should look at because an honest submission does not do it, a sentence each;
            flags cost no points.
        memory_mb: the most that everything in the sandbox used at once.
        key: a hash of everything that the result depends on.
        handed_in: a hash of the submission alone.
        late: how late it was handed in and what that costs, a sentence; empty for in time.
        penalty: points that handing in late costs.
    """

    student: str
    lab: str
    status: str
    score: float
    max_score: float
    reason: str = ""
    checks: list[Check] = []
    limits: list[str] = []
    repairs: list[str] = []
    flags: list[str] = []
    seconds: float = 0.0
    memory_mb: float = 0.0
    key: str = ""
    handed_in: str = ""
    late: str = ""
    penalty: float = 0.0


class Graded(msgspec.Struct):
    """A result and the notebook with its outputs, as .ipynb bytes; no notebook for an unreadable one."""

    result: Result
    notebook: bytes | None = None
