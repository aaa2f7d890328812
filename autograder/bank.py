"""The bank: for every function of a lab, right and wrong versions that its checks must tell apart.

One file a function, tests/banks/LAB/FUNCTION.py, in versions separated by lines such as ::

    # %% right: a loop over the images
    # %% wrong: the sign is forgotten | says: take its sign

`says` is a phrase that the diagnosis of a wrong version must contain.

Versions that differ in a line or two are written as changes, to be read like a diff. A base is no
version; the changes below it take lines of it away and put others in their place ::

    # %% base: gradients by autograd
    def fgsm(model, x, y, eps): ...

    # %% wrong: the sign is forgotten | says: take its sign
    # -    return (x + eps * gradient.sign()).clamp(0, 1)
    # +    return (x + eps * gradient).clamp(0, 1)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

_HEAD = re.compile(r"^# %% (base|right|wrong): (.+?)(?: \| says: (.+))?$", re.MULTILINE)
_CHANGE = re.compile(r"((?:^# -.*\n)+)((?:^# \+.*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Version:
    """One way to write `function`: the whole content of its solution cell."""

    function: str
    right: bool
    title: str
    says: str
    code: str


def read_bank(folder: Path) -> dict[str, list[Version]]:
    """Function name -> its versions, in the order of the files.

    Raises:
        CourseError: no bank there, or a file of it has no version, a wrong one without `says` or
            changes that don't fit their base.
    """
    files = sorted(folder.glob("*.py"))
    if not files:
        raise CourseError(
            f"no bank in {folder}: write one file a function, as docs/instructor.md shows"
        )
    return {file.stem: _versions(file) for file in files}


def _versions(file: Path) -> list[Version]:
    text = file.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    if not heads:
        raise CourseError(f"{file} has no line `# %% right: …` or `# %% wrong: … | says: …`")
    versions, base = [], ""
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        kind, title, says = head.groups()
        if kind == "wrong" and not says:
            raise CourseError(
                f"{file}: the wrong version {title!r} does not say what its diagnosis must contain"
            )
        code = text[head.end() : following.start() if following else len(text)].strip("\n") + "\n"
        if kind == "base":
            base = code
            continue
        if code.startswith(("# -", "# +")):
            code = _changed(base, code, f"{file}: {title!r}")
        versions.append(Version(file.stem, kind == "right", title, says or "", code))
    if not versions:
        raise CourseError(f"{file} has no version, only what versions start from")
    return versions


def _changed(base: str, changes: str, where: str) -> str:
    """The base with each run of `# -` lines replaced by the `# +` lines that follow it."""
    if _CHANGE.sub("", changes).strip():
        raise CourseError(f"{where}: changes are lines `# -…`, each run followed by its `# +…`")
    for gone, come in _CHANGE.findall(changes):
        old, new = (re.sub(r"^# [-+]", "", lines, flags=re.MULTILINE) for lines in (gone, come))
        found = f"\n{base}".count(f"\n{old}")
        if found != 1:
            raise CourseError(
                f"{where} takes away what its base has {found} times, not once:\n{old}"
            )
        base = f"\n{base}".replace(f"\n{old}", f"\n{new}")[1:]
    return base
