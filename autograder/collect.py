"""Whatever is handed over, put where nbgrader expects it: submitted/STUDENT/LAB/LAB.ipynb."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder import whose
from autograder.course import Course, CourseError
from autograder.gather import PROBLEM, Found, Gathering, gather

_SAME_TIME = 5.0  # seconds: files that one unpacking wrote


@dataclass(frozen=True)
class Collected:
    """What came of collecting.

    Attributes:
        students: everybody who handed something in, readable or not, in alphabetical order.
        aside: (where it was found, why it was put aside).
    """

    students: list[str]
    aside: list[tuple[str, str]]


def collect(course: Course, lab: str, paths: Sequence[Path]) -> Collected:
    """Takes notebooks of `lab` from folders, zip archives and single files into `course.submitted`.

    Nothing that is handed over is changed or lost: a file that is no submission, or not the one that
    counts, is copied into the course's `aside/LAB` and named in the result.

    Raises:
        CourseError: a path does not exist, or no submission is in any of them.
    """
    course.lab(lab)
    course.root.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".collecting-", dir=course.root))
    try:
        per_student: dict[str, list[Found]] = defaultdict(list)
        aside: list[tuple[Found, str]] = []
        for path in paths:
            gathered = gather(path, staging)
            _leave_other_labs(gathered, set(course.labs) - {lab}, aside)
            for student, files in _sorted_by_student(gathered, path, lab, aside).items():
                per_student[student].extend(files)
        for student, files in per_student.items():
            _take(course, lab, student, files, aside)
        for one, why in aside:
            _put_aside(course, lab, one, why)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if not per_student:
        raise CourseError(
            f"no submission of {lab} in {', '.join(map(str, paths))}: expected STUDENT/{lab}.ipynb, "
            f"STUDENT/{lab}/{lab}.ipynb, STUDENT_{lab}.ipynb, or a zip archive of these"
        )
    return Collected(sorted(per_student), [(one.shown, why) for one, why in aside])


def submitted_students(course: Course, lab: str) -> list[str]:
    """Everybody with a folder for `lab` in `course.submitted`."""
    return sorted(path.parent.name for path in course.submitted.glob(f"*/{lab}") if path.is_dir())


def read_submission(course: Course, lab: str, student: str) -> tuple[bytes | None, str]:
    """The bytes that a student handed in, or None and why there are none."""
    folder = course.submitted / student / lab
    try:
        return (folder / f"{lab}.ipynb").read_bytes(), ""
    except FileNotFoundError:
        problem = folder / PROBLEM
        if problem.is_file():
            return None, problem.read_text(encoding="utf-8").strip()
        others = sorted(path.name for path in folder.glob("*") if path.name != "timestamp.txt")
        holds = f"; the folder holds {', '.join(others[:5])}" if others else ""
        return None, f"no notebook named {lab}.ipynb was handed in{holds}"
    except OSError as error:
        return None, f"the file can't be read ({error.strerror})"


def _leave_other_labs(
    gathered: Gathering, others: set[str], aside: list[tuple[Found, str]]
) -> None:
    """nbgrader keeps all labs of a student side by side, each in a folder of its name."""
    mine = []
    for one in gathered.files:
        other = next((part for part in one.parts[:-1] if part in others), None)
        if other is None:
            mine.append(one)
        elif one.parts[-1] != "timestamp.txt":
            aside.append((one, f"it belongs to {other}"))
    gathered.files = mine
    gathered.folders = {
        parts
        for parts in gathered.folders
        if others.isdisjoint(parts) and not _only_other_labs(parts, gathered.folders, others)
    }


def _only_other_labs(
    parts: tuple[str, ...], folders: set[tuple[str, ...]], others: set[str]
) -> bool:
    below = [folder for folder in folders if folder[: len(parts)] == parts and folder != parts]
    return bool(below) and all(not others.isdisjoint(folder) for folder in below)


def _sorted_by_student(
    gathered: Gathering, given: Path, lab: str, aside: list[tuple[Found, str]]
) -> dict[str, list[Found]]:
    """Student id -> everything of theirs, good or bad."""
    sound = [one for one in gathered.files if not one.problem]
    notebooks = [one for one in sound if one.is_notebook] or gathered.files
    folders = {one.parts: _named_folders(one.parts[:-1], lab) for one in gathered.files}
    level = whose.student_level(folders[one.parts] for one in notebooks)
    students: dict[str, list[Found]] = defaultdict(list)
    flat: list[Found] = []
    for one in gathered.files:
        above = folders[one.parts]
        if len(above) > level:
            students[_folder_id(above[level], lab)].append(one)
        elif (
            one.is_notebook
            or (one.problem and one.path and "zip" in one.problem)
            or (whose.names_lab(one.stem, lab) and not whose.is_lab(one.stem, lab))
        ):
            flat.append(one)
        else:
            aside.append((one, one.problem or "it is no notebook, and in no student's folder"))
    for one, name in _flat_students(flat, given, lab):
        students[whose.as_student_id(name)].append(one)
    filled = {one.parts[:n] for one in gathered.files for n in range(len(one.parts))}
    for folder in gathered.folders - filled:  # somebody's folder without a single file
        above = _named_folders(folder, lab)
        if len(above) == level + 1:
            student = _folder_id(above[level], lab)
            students[student] = students.get(student, [])
    return students


def _named_folders(parts: Sequence[str], lab: str) -> list[str]:
    return [part for part in parts if not whose.is_generic(part, lab)]


def _folder_id(name: str, lab: str) -> str:
    return whose.as_student_id(whose.student_of_folder(name, lab))


def _flat_students(flat: list[Found], given: Path, lab: str) -> list[tuple[Found, str]]:
    names = whose.students_of_files([one.stem for one in flat], lab)
    nameless = [one for one in flat if not names[one.stem]]
    alone = len(flat) == 1
    told = []
    for one in flat:
        name = names[one.stem]
        if one in nameless:
            folder = given.resolve().parent if given.is_file() else given.resolve()
            name = folder.name if alone else one.stem
        told.append((one, name))
    return told


def _take(
    course: Course,
    lab: str,
    student: str,
    files: list[Found],
    aside: list[tuple[Found, str]],
) -> None:
    """Writes the file that counts into submitted/; what else a student handed in goes aside."""
    good = [one for one in files if one.path is not None and not one.problem and _may_be(one)]
    best = max(good, key=lambda one: _merit(one, good, lab)) if good else None
    for one in files:
        if one is best or one.parts[-1] == "timestamp.txt":
            continue
        if one.problem or one not in good:
            aside.append((one, one.problem or "it is no notebook"))
        elif best is not None:
            aside.append((one, f"{student} handed in more than one notebook; {best.shown} counts"))
    folder = course.submitted / student / lab
    stamp = _timestamp(best, files)
    if best is None:
        _replace(course, lab, student, None, stamp)
        (folder / PROBLEM).write_text(_why_nothing(files) + "\n", encoding="utf-8")
    else:
        assert best.path is not None
        _replace(course, lab, student, best.path, stamp)


def _may_be(one: Found) -> bool:
    """A notebook, also one that a browser or an editor saved under another suffix."""
    return one.is_notebook or ".ipynb." in one.parts[-1].lower()


def _merit(one: Found, others: list[Found], lab: str) -> tuple[bool, bool, bool, float, int, str]:
    """Of several notebooks, which one counts: the lab's by name, then the newest, then the last copy."""
    _, copy = whose.undecorated(one.stem, lab)
    newest = max(other.modified for other in others)
    recent = 0.0 if newest - one.modified < _SAME_TIME else one.modified - newest
    named = whose.is_lab(one.stem, lab)
    return one.is_notebook, named, whose.names_lab(one.stem, lab), recent, copy, one.shown


def _why_nothing(files: list[Found]) -> str:
    if not files:
        return "no notebook was handed in: the folder is empty"
    problems = [f"{one.parts[-1]}: {one.problem}" for one in files if one.problem]
    if problems:
        return f"no notebook could be taken: {'; '.join(problems[:3])}"
    names = ", ".join(sorted(one.parts[-1] for one in files)[:5])
    return f"no notebook was handed in, but {names}"


def _timestamp(best: Found | None, files: list[Found]) -> str:
    """When it was handed in, as nbgrader writes it: from its own timestamp.txt, else the file's time."""
    for one in files:
        beside = best is None or one.parts[:-1] == best.parts[:-1]
        if one.parts[-1] == "timestamp.txt" and one.path and beside:
            text = one.path.read_bytes()[:100].decode("utf-8", "replace").strip()
            if _is_timestamp(text):
                return text
    moment = best.modified if best else max((one.modified for one in files), default=0.0)
    if not moment:
        return ""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def _is_timestamp(text: str) -> bool:
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(text) is not None
    except (ValueError, OverflowError, TypeError):
        return False


def _replace(course: Course, lab: str, student: str, new: Path | None, stamp: str) -> None:
    """The new file in the old one's place; an old one that differs is kept aside."""
    folder = course.submitted / student / lab
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROBLEM).unlink(missing_ok=True)
    target = folder / f"{lab}.ipynb"
    if new is not None and target.exists() and new.samefile(target):
        return
    data = new.read_bytes() if new is not None else None
    if target.exists() and target.read_bytes() != data:
        old = course.root / "aside" / lab / student / f"{int(target.stat().st_mtime)}-{lab}.ipynb"
        old.parent.mkdir(parents=True, exist_ok=True)
        os.replace(target, old)
    if data is not None:
        part = folder / f".{lab}.part"
        part.write_bytes(data)
        os.replace(part, target)
    if stamp:
        (folder / "timestamp.txt").write_text(stamp + "\n", encoding="utf-8")
    else:
        (folder / "timestamp.txt").unlink(missing_ok=True)


def _put_aside(course: Course, lab: str, one: Found, why: str) -> None:
    folder = course.root / "aside" / lab
    folder.mkdir(parents=True, exist_ok=True)
    told, line = folder / "why.txt", f"{one.shown}: {why}"
    if not told.exists() or line not in told.read_text(encoding="utf-8").splitlines():
        with told.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    if one.path is None or not one.path.is_file():
        return
    target = folder / whose.as_student_id("_".join(one.parts)[-120:])
    if not target.exists() or target.read_bytes() != one.path.read_bytes():
        shutil.copyfile(one.path, target)
