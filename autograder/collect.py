"""Whatever is handed over, put where nbgrader expects it: submitted/STUDENT/LAB/LAB.ipynb."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import handed_in, platforms, whose
from autograder.course import Course, CourseError
from autograder.gather import PROBLEM, Found, Gathering, gather
from autograder.handed_in import BESIDE, SECRET, TIMESTAMP
from autograder.platforms import GRADESCOPE_METADATA, Told, told_by
from autograder.whose import as_student_id

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
        for number, path in enumerate(paths):
            gathered = gather(path, staging / str(number))
            _name_as_gradescope_does(gathered)
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
        others = sorted(path.name for path in folder.glob("*") if path.name not in BESIDE)
        holds = f"; the folder holds {', '.join(others[:5])}" if others else ""
        return None, f"no notebook named {lab}.ipynb was handed in{holds}"
    except OSError as error:
        return None, f"the file can't be read ({error.strerror})"


def _name_as_gradescope_does(gathered: Gathering) -> None:
    """Gradescope numbers its folders, and says in a file beside them whose they are.

    A group's folder becomes one of each of its members.
    """
    for metadata in [one for one in gathered.files if one.parts[-1] == GRADESCOPE_METADATA]:
        if metadata.path is None:
            continue
        here = metadata.parts[:-1]
        submitters = platforms.gradescope_submitters(metadata.path)
        below = [*gathered.folders, *(one.parts[:-1] for one in gathered.files)]
        beside = {folder[len(here)] for folder in below if len(folder) > len(here)}
        if not beside & set(submitters):
            continue  # a student's own file of that name
        gathered.files.remove(metadata)
        gathered.files = [
            named for one in gathered.files for named in _of_submitters(one, here, submitters)
        ]
        gathered.folders = {folder for folder in gathered.folders if folder[:-1] != here} | {
            (*here, as_student_id(told.who))
            for folder in beside
            for told in submitters.get(folder) or [Told(folder)]
        }
        _without_wrapper(gathered, here)


def _without_wrapper(gathered: Gathering, wrapper: tuple[str, ...]) -> None:
    """The folder around an export is nobody's, also where a single submission is in it.

    Left alone where anything lies beside it: then it may be a student's own.
    """
    at = len(wrapper)
    if any(one.parts[:at] != wrapper for one in gathered.files):
        return
    gathered.files = [replace(one, parts=one.parts[at:]) for one in gathered.files]
    gathered.folders = {one[at:] for one in gathered.folders if len(one) > at}


def _of_submitters(
    one: Found, here: tuple[str, ...], submitters: Mapping[str, list[Told]]
) -> list[Found]:
    at = len(here)
    if one.parts[:at] != here or len(one.parts) <= at + 1 or not submitters.get(one.parts[at]):
        return [one]
    return [
        replace(one, parts=(*here, as_student_id(told.who), *one.parts[at + 1 :]), when=told.when)
        for told in submitters[one.parts[at]]
    ]


def _leave_other_labs(
    gathered: Gathering, others: set[str], aside: list[tuple[Found, str]]
) -> None:
    """nbgrader keeps all labs of a student side by side, each in a folder of its name."""
    mine = []
    for one in gathered.files:
        other = _lab_of(one.parts[:-1], others)
        if other is None:
            mine.append(one)
        elif one.parts[-1] not in BESIDE:
            aside.append((one, f"it belongs to {other}"))
    gathered.files = mine
    gathered.folders = {
        parts
        for parts in gathered.folders
        if not _lab_of(parts, others) and not _only_other_labs(parts, gathered.folders, others)
    }


def _lab_of(folders: Sequence[str], labs: set[str]) -> str | None:
    """The lab that a folder is named after, nbgrader's STUDENT+LAB+TIME among them."""
    words = [word for folder in folders for word in (folder, *folder.split("+")[1:2])]
    return next((word for word in words if word in labs), None)


def _only_other_labs(
    parts: tuple[str, ...], folders: set[tuple[str, ...]], others: set[str]
) -> bool:
    below = [folder for folder in folders if folder[: len(parts)] == parts and folder != parts]
    return bool(below) and all(_lab_of(folder, others) for folder in below)


def _sorted_by_student(
    gathered: Gathering, given: Path, lab: str, aside: list[tuple[Found, str]]
) -> dict[str, list[Found]]:
    """Student id -> everything of theirs, good or bad."""
    shared = _namesakes(gathered, lab)
    sound = [one for one in gathered.files if not one.problem]
    notebooks = [one for one in sound if one.is_notebook] or gathered.files
    folders = {one.parts: _named_folders(one.parts[:-1], lab) for one in gathered.files}
    level = whose.student_level(folders[one.parts] for one in notebooks)
    students: dict[str, list[Found]] = defaultdict(list)
    flat: list[Found] = []
    for one in gathered.files:
        above = folders[one.parts]
        if len(above) > level:
            students[_folder_id(above[level], lab, shared)].append(one)
        elif (
            one.is_notebook
            or (one.problem and one.path and "zip" in one.problem)
            or (whose.names_lab(one.stem, lab) and not whose.is_lab(one.stem, lab))
            or told_by(one.stem, lab)
        ):
            flat.append(one)
        else:
            aside.append((one, one.problem or "it is no notebook, and in no student's folder"))
    for one, name in _flat_students(flat, given, lab, shared):
        students[as_student_id(name)].append(one)
    filled = {one.parts[:n] for one in gathered.files for n in range(len(one.parts))}
    for folder in gathered.folders - filled:  # somebody's folder without a single file
        above = _named_folders(folder, lab)
        if len(above) == level + 1:
            student = _folder_id(above[level], lab, shared)
            students[student] = students.get(student, [])
    return students


def _named_folders(parts: Sequence[str], lab: str) -> list[str]:
    return [part for part in parts if not whose.is_generic(part, lab)]


def _namesakes(gathered: Gathering, lab: str) -> set[str]:
    names = {part for one in gathered.files for part in (*one.parts[:-1], one.stem)}
    told = (told_by(name, lab) for name in names)
    return platforms.namesakes(one for one in told if one is not None)


def _folder_id(name: str, lab: str, shared: Collection[str]) -> str:
    return as_student_id(whose.student_of_folder(name, lab, shared))


def _flat_students(
    flat: list[Found], given: Path, lab: str, shared: Collection[str]
) -> list[tuple[Found, str]]:
    names = whose.students_of_files([one.stem for one in flat], lab, shared)
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
    times = {one.parts: handed_in.moment(one, files, lab) for one in good}
    best = max(good, key=lambda one: _merit(one, times, lab)) if good else None
    for one in files:
        if one is best or one.parts[-1] in BESIDE:
            continue
        if one.problem or one not in good:
            aside.append((one, one.problem or "it is no notebook"))
        elif best is not None:
            aside.append((one, f"{student} handed in more than one notebook; {best.shown} counts"))
    folder = course.submitted / student / lab
    stamp = handed_in.timestamp(course, lab, student, best, files)
    if best is None:
        _replace(course, lab, student, None, stamp)
        (folder / PROBLEM).write_text(_why_nothing(files) + "\n", encoding="utf-8")
    else:
        assert best.path is not None
        _replace(course, lab, student, best.path, stamp)
        _keep_secret(folder, [one for one in files if one.parts[:-1] == best.parts[:-1]])


def _keep_secret(folder: Path, beside: list[Found]) -> None:
    """nbgrader hands feedback back by what its exchange put beside a submission."""
    secret = folder / SECRET
    for one in beside:
        if one.parts[-1] != SECRET or one.problem or one.path is None:
            continue
        if not (secret.exists() and one.path.samefile(secret)):
            shutil.copyfile(one.path, secret)


def _may_be(one: Found) -> bool:
    """A notebook, also one that a browser or an editor saved under another suffix."""
    return one.is_notebook or ".ipynb." in one.parts[-1].lower()


def _merit(
    one: Found, times: Mapping[tuple[str, ...], float], lab: str
) -> tuple[bool, bool, bool, float, int, str]:
    """Of several notebooks, which one counts: the lab's by name, then the newest, then the last copy."""
    _, copy = whose.undecorated(one.stem, lab)
    older = times[one.parts] - max(times.values())
    recent = 0.0 if -older < _SAME_TIME else older
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


def _replace(course: Course, lab: str, student: str, new: Path | None, stamp: str) -> None:
    """The new file in the old one's place; an old one that differs is kept aside."""
    folder = course.submitted / student / lab
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROBLEM).unlink(missing_ok=True)
    target = folder / f"{lab}.ipynb"
    if new is not None and target.exists() and new.samefile(target):
        return
    same = new is not None and target.exists() and filecmp.cmp(new, target, shallow=False)
    if target.exists() and not same:
        old = course.root / "aside" / lab / student / f"{int(target.stat().st_mtime)}-{lab}.ipynb"
        old.parent.mkdir(parents=True, exist_ok=True)
        os.replace(target, old)
    if new is not None:
        part = folder / f".{lab}.part"
        shutil.copyfile(new, part)
        os.replace(part, target)
    if stamp:
        (folder / TIMESTAMP).write_text(stamp + "\n", encoding="utf-8")
    else:
        (folder / TIMESTAMP).unlink(missing_ok=True)


def _put_aside(course: Course, lab: str, one: Found, why: str) -> None:
    folder = course.root / "aside" / lab
    folder.mkdir(parents=True, exist_ok=True)
    told, line = folder / "why.txt", f"{one.shown}: {why}"
    if not told.exists() or line not in told.read_text(encoding="utf-8").splitlines():
        with told.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    if one.path is None or not one.path.is_file():
        return
    target = folder / as_student_id("_".join(one.parts)[-120:])
    if not target.exists() or not filecmp.cmp(one.path, target, shallow=False):
        shutil.copyfile(one.path, target)
