"""The bank: for every function of a lab, right and wrong versions that its checks must tell apart.

One file a function, tests/banks/LAB/FUNCTION.py, in versions separated by lines such as ::

    # %% right: a loop over the images
    # %% wrong: the sign is forgotten | says: take its sign

`says` is a phrase that the diagnosis of a wrong version must contain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

_HEAD = re.compile(r"^# %% (right|wrong): (.+?)(?: \| says: (.+))?$", re.MULTILINE)


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
        CourseError: no bank there, or a file of it has no version or a wrong one without `says`.
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
    versions = []
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        kind, title, says = head.groups()
        if kind == "wrong" and not says:
            raise CourseError(
                f"{file}: the wrong version {title!r} does not say what its diagnosis must contain"
            )
        code = text[head.end() : following.start() if following else len(text)].strip("\n") + "\n"
        versions.append(Version(file.stem, kind == "right", title, says or "", code))
    return versions
