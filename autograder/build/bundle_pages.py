"""The student bundle's own pages: its README and what installs it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import nbformat
from packaging.specifiers import SpecifierSet

from autograder.build.colab import badge
from autograder.course import Course, CourseError

# What the student's folder fills with that belongs in nobody's repository.
GITIGNORE = ".venv/\n__pycache__/\n.ipynb_checkpoints/\n.DS_Store\n"

_PYPROJECT = """\
[build-system]
requires = {build_requires}
build-backend = {build_backend}

[project]
name = {name}
version = {version}
description = {description}
readme = "README.md"
requires-python = {python}
dependencies = {dependencies}

[project.optional-dependencies]
lab = {lab}

[tool.hatch.build.targets.wheel]
packages = ["course_utils"]

[tool.hatch.build.targets.wheel.force-include]
"data" = "course_utils/_data"
"""

_ENVIRONMENT = """\
name: {name}
channels:
  - conda-forge
dependencies:
  - python{python}
  - pip
  - pip:
      - .[lab]
"""

_README = """\
# {heading}

{part_of}otebooks to read and play with, and labs that check your work as you write it.
They run on a laptop, without a graphics card and, once set up, without a network.
New here? [Set it up](#set-up-once), then open the first lecture.

## Read and try
{lectures}

Every cell can be run, changed and run again. The outputs are there already, so that you can also just read.

## Do
{labs}

1. Write where it says `YOUR CODE HERE` or `YOUR ANSWER HERE`, and leave the other cells as they are.
2. Run the cell below to check your work. `✓` means that a promise holds, `✗` says which one does not, and why.
3. Before you hand in: *Kernel > Restart Kernel and Run All Cells*, then save. It stops at a check that does
   not hold: what comes after it is graded all the same.
4. Hand in the .ipynb file, under the name it has.
{deadlines}
## Set up, once
You need Python {python}. In a terminal, in this folder:

**Linux, macOS**

```bash
python3 -m venv .venv
.venv/bin/python -m pip install ".[lab]"
```

**Windows** (PowerShell)

```powershell
py -m venv .venv
.venv\\Scripts\\python -m pip install ".[lab]"
```

**conda**, on any of them

```bash
conda env create -f environment.yml
conda activate {name}
```
{colab}
- On Linux, pip takes PyTorch's build for graphics cards, some gigabytes. For the small build, install `torch`
  and `torchvision` first with the command for *Linux, Pip, CPU* on
  [pytorch.org](https://pytorch.org/get-started/locally/), with `.venv/bin/python -m pip` in place of `pip3`.
- On Debian and Ubuntu, if the first command says that `ensurepip` is not available:
  `sudo apt install python3-venv`, then try again.
- PyTorch no longer makes packages for Macs with an Intel processor{instead}.

## Open it, every time
- Linux, macOS: `.venv/bin/jupyter lab`
- Windows: `.venv\\Scripts\\jupyter lab`
- conda: `jupyter lab`, after `conda activate {name}`

A browser opens; the notebooks are in the folder `notebooks` on the left. Another editor, VS Code for
instance, works too: choose the Python in `.venv` as the notebook's kernel.

## When you are stuck
- *The course's package is not installed*: the notebook runs in another Python than the one that you set up.
  Open it as above, from this folder.
- There is a new version of these files: put it in place of the old one (keep your own notebooks!) and run
  the line with `pip install` again.
- Something fails that works for others: `constraints.txt` lists the versions that all of this was tested
  with. `.venv/bin/python -m pip install -c constraints.txt ".[lab]"` takes exactly these.
{pages}

Where a page names a script in `benchmarks/`: it measured the numbers beside it, and is not among these files.
"""

_PAGES = {
    "docs/student.md": "what to do when stuck, and how the labs are graded",
    "docs/glossary.md": "the words of the course",
    "docs/colab.md": "the notebooks on Google Colab",
}


def settings(course: Course) -> dict[str, Any]:
    """The project's pyproject.toml.

    Raises:
        CourseError: there is none.
    """
    path = course.home / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(
            f"{path} is missing: the bundle takes its name and what it needs from it"
        ) from None


def pyproject(project: Mapping[str, Any]) -> str:
    """The project's own set-up, without the grader and what only the grader needs."""
    about, build = project["project"], project["build-system"]
    return _PYPROJECT.format(
        build_requires=_toml(build["requires"]),
        build_backend=_toml(build["build-backend"]),
        name=_toml(about["name"]),
        version=_toml(about["version"]),
        description=_toml(about["description"]),
        python=_toml(about["requires-python"]),
        dependencies=_toml(about["dependencies"]),
        lab=_toml(about["optional-dependencies"]["lab"]),
    )


def environment(project: Mapping[str, Any]) -> str:
    """The same set-up for conda."""
    about = project["project"]
    return _ENVIRONMENT.format(name=about["name"], python=about["requires-python"])


def constraints(course: Course, project: Mapping[str, Any]) -> str:
    """The versions that the project's tests ran with, of those packages that students need.

    Raises:
        CourseError: the project lists none.
    """
    path = course.home / "constraints.txt"
    try:
        tested = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(
            f"{path} is missing: the bundle names the versions from it that all was tested with"
        ) from None
    about = project["project"]
    needed = {
        _package(line) for line in [*about["dependencies"], *about["optional-dependencies"]["lab"]]
    }
    return "".join(f"{line}\n" for line in tested.splitlines() if _package(line) in needed)


def readme(
    course: Course,
    project: Mapping[str, Any],
    lectures: Mapping[str, Path],
    labs: Mapping[str, Path],
    pages: list[str],
) -> str:
    """What a student reads first.

    Args:
        lectures, labs: name -> the notebook.
        pages: which of docs/ go along.
    """
    about = project["project"]
    colab = "\n".join(_in_colab(course, "docs/colab.md" in pages))
    return _README.format(
        heading=course.lecture or course.title,
        part_of=f"Part of {course.title}: n" if course.lecture else "N",
        name=about["name"],
        python=_python_versions(about["requires-python"]),
        lectures=_table(course, ["lecture"], {path: [] for path in lectures.values()}),
        labs=_table(course, ["lab", "points", "due"], _facts(course, labs)),
        deadlines=_deadlines(course, labs),
        colab=colab,
        instead=": use Colab" if course.repository else "",
        pages="\n".join(
            f"- [{path}]({path}): {what}" for path, what in _PAGES.items() if path in pages
        ),
    )


def _facts(course: Course, labs: Mapping[str, Path]) -> dict[Path, list[str]]:
    facts = {}
    for name, path in labs.items():
        lab = course.lab(name)
        facts[path] = [f"{lab.points:g}", _due(lab.deadline) if lab.deadline else "–"]
    return facts


def _table(course: Course, columns: list[str], rows: Mapping[Path, list[str]]) -> str:
    if course.repository:
        columns = [*columns, "in Colab"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for path, facts in rows.items():
        place = path.relative_to(course.home).as_posix()
        number = re.match(r"0*(\d+)_", path.name)
        title = f"{number[1]} · {_title(path)}" if number else _title(path)
        cells = [f"[{title}]({place})", *facts]
        if course.repository:
            cells.append(badge(course, path))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _title(path: Path) -> str:
    """A notebook's first heading; its name where it has none."""
    notebook = nbformat.read(path, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    heading = re.search(r"^# +(.+)$", prose, re.MULTILINE)
    return heading[1].strip().replace("|", "\\|") if heading else path.stem


def _due(deadline: datetime) -> str:
    """With its time zone; one without in course.toml is this machine's time, as when it is graded."""
    offset = (deadline if deadline.tzinfo else deadline.astimezone()).utcoffset()
    zone = timezone(offset).tzname(None) if offset is not None else ""
    return f"{deadline:%Y-%m-%d %H:%M} {zone}"


def _deadlines(course: Course, labs: Mapping[str, Path]) -> str:
    late = course.late
    rate, unit = (late.per_day, "day") if late.per_day else (late.per_hour, "hour")
    if not rate or not any(course.lab(name).deadline for name in labs):
        return ""
    return f"\nHanding in late costs {rate:g} % of the points for each {unit} begun.\n"


def _in_colab(course: Course, explained: bool) -> list[str]:
    if not course.repository:
        return []
    more = "; [docs/colab.md](docs/colab.md) says more" if explained else ""
    return [
        "",
        "**Google Colab**: nothing to install. Click a badge in the tables above and run the first cell,",
        f"which installs the course's package there{more}.",
        "",
    ]


def _python_versions(required: str) -> str:
    """`>=3.11,<3.14` as people say it."""
    allowed = SpecifierSet(required)
    versions = [f"3.{minor}" for minor in range(8, 40) if f"3.{minor}" in allowed]
    return " or ".join([", ".join(versions[:-1]), versions[-1]] if versions[1:] else versions)


def _package(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _toml(value: str | list[str]) -> str:
    """Strings and lists of them are written alike in JSON and TOML."""
    return json.dumps(value, ensure_ascii=False)
