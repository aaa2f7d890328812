"""Whose notebook is it? What folder and file names of platforms, exchanges and people say."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from autograder.platforms import told_by

# Names of folders that hold a class rather than belong to one student.
_GENERIC = {
    *("submitted", "submissions", "submission", "downloaded", "archive", "extracted", "inbound"),
    *("autograded", "students", "assignments", "assignment"),
}
_COPY_OF = re.compile(r"^(copy of|copia de|kopie von|copie de|cópia de)\s+", re.IGNORECASE)
_COPY_NUMBER = re.compile(r"(?:\s*\((\d+)\)|\s*-\s*copy(?:\s*\((\d+)\)|(\d+))?)$", re.IGNORECASE)
_RESUBMISSION = re.compile(r"-(\d{1,2})$")
_BETWEEN = r"[\s_\-+.,]*"


def undecorated(stem: str, lab: str) -> tuple[str, int]:
    """A file's name without what copying adds to it ("Copy of … (2)"), and the copy's number."""
    number = 0
    for _ in range(4):
        shorter = _COPY_OF.sub("", stem)
        found = _COPY_NUMBER.search(shorter)
        if not found and names_lab(shorter, lab):  # `student-01` is a student
            found = _RESUBMISSION.search(shorter)
        if found and found.start() > 0:
            number = max(number, int(next((group for group in found.groups() if group), "1")))
            shorter = shorter[: found.start()]
        if shorter == stem:
            break
        stem = shorter.strip()
    return stem, number


def lab_words(lab: str) -> list[str]:
    """The names that people give a lab: its own and, of lab1_adversarial, lab1."""
    first = lab.split("_")[0]
    return [lab, first] if first != lab and any(c.isdigit() for c in first) else [lab]


def names_lab(stem: str, lab: str) -> bool:
    """Whether a file's name holds the lab's, whatever the case and the separators."""
    return _squeezed(lab) in _squeezed(stem)


def is_lab(name: str, lab: str) -> bool:
    """Whether a name is the lab's and nothing else."""
    bare = _squeezed(undecorated(name, lab)[0])
    return any(bare == _squeezed(word) for word in lab_words(lab))


def is_generic(name: str, lab: str) -> bool:
    return name.strip().lower() in _GENERIC or is_lab(name, lab)


def student_of_folder(name: str, lab: str, shared: Collection[str] = ()) -> str:
    """The student that a folder (or an archive) is named after.

    Args:
        shared: names that more than one person has, which a platform's number tells apart.
    """
    return _says_who(name, lab, shared) or name


def students_of_files(
    stems: Sequence[str], lab: str, shared: Collection[str] = ()
) -> dict[str, str]:
    """For notebooks side by side in one folder: file name without suffix -> student.

    The student comes first, as in `STUDENT_whatever`, or is what is left beside the lab's name. An
    underscore that separates nothing (`student_01`, or two names that would become one) belongs to
    the name. A name that says nothing but the lab stands for nobody: ''.
    """
    bare = {stem: undecorated(stem, lab)[0] for stem in stems}
    if len(stems) > 1 and len(set(bare.values())) == 1:  # `student (1)`, `student (2)`
        return {stem: _says_who(stem, lab, shared) or stem for stem in stems}
    cut = {stem: _cut(name) for stem, name in bare.items() if not _says_who(name, lab)}
    counts = Counter(first for first, _ in cut.values())
    clashes = Counter(
        first for first, _ in {(first, bare[stem]) for stem, (first, _) in cut.items()}
    )
    students = {}
    for stem, name in bare.items():
        if stem not in cut:
            students[stem] = _says_who(name, lab, shared) if not is_lab(name, lab) else ""
            continue
        first, rest = cut[stem]
        whole = rest.isdigit() or (len(counts) == 1 and len(cut) > 1) or clashes[first] > 1
        students[stem] = name if whole or not first else first
        if is_lab(name, lab):
            students[stem] = ""
    return students


def as_student_id(name: str) -> str:
    """A name that can be a folder and an nbgrader student id; the same name always gives the same."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(
        "_" if c in '/\\:*?"<>|' or unicodedata.category(c)[0] == "C" else c for c in text
    )
    text = " ".join(text.split()).strip(". ")
    if len(text.encode()) > 80:
        text = f"{text[:40].strip()}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return text or "unnamed"


def student_level(folders: Iterable[Sequence[str]]) -> int:
    """Which level of folders is named after students, given the folders above each notebook.

    It is the outermost one, unless each of its folders wraps several and there are more of those:
    then they hold classes. One student with many folders makes no class of theirs.
    """
    paths = [list(path) for path in folders if path]
    level = 0
    while paths and all(len(path) > level + 1 for path in paths):
        inside: dict[str, set[str]] = {}
        for path in paths:
            inside.setdefault(path[level], set()).add(path[level + 1])
        below = set().union(*inside.values())
        if len(inside) >= len(below) or any(len(names) < 2 for names in inside.values()):
            break
        level += 1
    return level


def _says_who(name: str, lab: str, shared: Collection[str] = ()) -> str:
    """The student, where the name follows a pattern that is beyond doubt; else ''."""
    told = told_by(name, lab)
    if told is None:
        return _without_lab(name, lab)
    return f"{told.who}_{told.number}" if told.who.casefold() in shared else told.who


def _without_lab(name: str, lab: str) -> str:
    """What is left of a name beside the lab's; '' where the lab is not in it, or nothing else is."""
    for word in lab_words(lab):
        spaced = _BETWEEN.join(re.escape(part) for part in re.split(r"[\s_\-]+", word))
        found = re.search(rf"(?:^|(?<=[\s_\-+.,])){spaced}(?=$|[\s_\-+.,(])", name, re.IGNORECASE)
        if found:
            before = name[: found.start()].strip(" _-+.,")
            after = name[found.end() :].strip(" _-+.,")
            return before or after
    return ""


def _cut(name: str) -> tuple[str, str]:
    first, _, rest = name.partition("_")
    return first.strip(), rest.strip()


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_\-+.]+", "", name).lower()
