"""The first two cells of every notebook: the Colab badge, and the cell that sets Colab up.

Which repository they name: `repository` in course.toml where it is set. Else the git remote `origin`
when `autograder build` runs; the notebook then keeps that name in its metadata, and `--check` (and a
build in a clone that has no remote) goes by what the notebook keeps. So a fork, a clone under another
name and an unpacked archive all agree with what is committed.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Course

HEAD_IDS = ("colab-badge", "set-up")

_SET_UP = """\
# Set-up: on Google Colab this installs the course's package; anywhere else it does nothing.
import importlib.util
import subprocess
import sys

if "google.colab" in sys.modules and importlib.util.find_spec("course_utils") is None:
    package = "git+https://github.com/{repository}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)"""

_NO_REPOSITORY = """\
# Set-up: this does nothing where the course's package is installed already.
import importlib.util

if importlib.util.find_spec("course_utils") is None:
    print("This notebook needs the course's package: run `pip install .` in the course's folder.")"""


def head(course: Course, notebook: Path, repository: str) -> list[NotebookNode]:
    """The badge, left out where no repository is known, and the set-up cell."""
    if not repository:
        return [new_code_cell(_NO_REPOSITORY, id="set-up")]
    place = notebook.relative_to(course.home).as_posix()
    badge = (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"(https://colab.research.google.com/github/{repository}/blob/{course.branch}/{place})"
    )
    return [
        new_markdown_cell(badge, id="colab-badge"),
        new_code_cell(_SET_UP.format(repository=repository), id="set-up"),
    ]


def repository_for(course: Course, notebook: Path, check: bool) -> str:
    """`owner/name` that the notebook at this path should carry, or nothing."""
    if course.repository_pinned:
        return course.repository
    kept = recorded_repository(notebook)
    if kept is None:  # not built yet
        return course.repository
    return kept if check else course.repository or kept


def recorded_repository(notebook: Path) -> str | None:
    """What a built notebook says of itself; None where there is no readable one."""
    try:
        built = nbformat.read(notebook, as_version=4)
    except (OSError, ValueError):
        return None
    return built.metadata.get("course", {}).get("repository", "")
