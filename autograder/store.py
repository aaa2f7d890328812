"""Results on disk, one file a submission, so that nothing is graded twice and nothing is lost."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import importlib.util
import os
from functools import cache
from pathlib import Path

import msgspec

from autograder.build.glossary import notebook_without_words
from autograder.course import Course, CourseError
from autograder.results import GRADER_VERSION, Graded, Job, Result


def key_of(job: Job) -> str:
    """A hash of everything that decides a result: submission, assignment, limits, grader, course_utils."""
    digest = hashlib.sha256()
    parts = (
        job.submission if job.submission is not None else job.problem.encode(),
        notebook_without_words(job.assignment),
        msgspec.json.encode(job.limits),
        str(GRADER_VERSION).encode(),
        course_utils_digest().encode(),
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def digest(submission: bytes | None) -> str:
    """What tells one submission from the next; empty for none."""
    return hashlib.sha256(submission).hexdigest() if submission is not None else ""


def students(course: Course, lab: str) -> list[str]:
    """Everybody with a stored result, in alphabetical order."""
    folder = course.root / "results" / lab
    return sorted(path.name.removesuffix(".json") for path in folder.glob("[!.]*.json"))


def load(course: Course, lab: str, student: str) -> Result | None:
    """The stored result; None where there is none or it can't be read."""
    try:
        return msgspec.json.decode(_file(course, lab, student, ".json").read_bytes(), type=Result)
    except (OSError, msgspec.DecodeError):
        return None


def load_notebook(course: Course, lab: str, student: str) -> bytes | None:
    try:
        return _file(course, lab, student, ".ipynb").read_bytes()
    except OSError:
        return None


def save(course: Course, lab: str, graded: Graded) -> None:
    """The notebook first: a result is there only when all of it is."""
    student = graded.result.student
    notebook = _file(course, lab, student, ".ipynb")
    if graded.notebook is not None:
        write(notebook, graded.notebook)
    else:
        notebook.unlink(missing_ok=True)
    text = msgspec.json.format(msgspec.json.encode(graded.result), indent=1)
    write(_file(course, lab, student, ".json"), text)


def write(path: Path, data: bytes) -> None:
    """All of it or nothing, whenever this process is killed.

    Raises:
        CourseError: the disk is full or read-only, or the folder is somebody else's.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            if not Path("/proc", left.suffixes[-2].strip(".")).exists():  # by a killed grader
                left.unlink(missing_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise _cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def append(path: Path, line: bytes) -> None:
    """One more line; whenever this process is killed, no earlier line is lost.

    Raises:
        CourseError: as `write`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # half a line of a killed grader
                    file.write(b"\n")
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> CourseError:
    return CourseError(
        f"{path} can't be written ({error.strerror or error}): make room on the disk, or see to its "
        "permissions, and run the command again (the results so far are kept)"
    )


def _file(course: Course, lab: str, student: str, suffix: str) -> Path:
    return course.root / "results" / lab / f"{student}{suffix}"


@cache
def course_utils_digest() -> str:
    """The check cells use it, so a change to it is a change to the checks."""
    spec = importlib.util.find_spec("course_utils")
    if spec is None or spec.origin is None:
        return ""
    folder = Path(spec.origin).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
