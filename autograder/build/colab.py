"""The first two cells of every notebook: the Colab badge, and the cell that sets Colab up.

Both name `repository` of course.toml: the public repository that holds what `autograder release` wrote.
The project itself, with its solutions, is never named: Colab could not read it, and should not.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.build.cells import FOLDED
from autograder.course import Course

HEAD_IDS = ("colab-badge", "set-up")

_FAILED = """\
The course's package could not be installed from https://github.com/{repository}.
- No network, or GitHub does not answer: wait a minute, then run this cell again.
- GitHub asks for a name, or finds nothing: the repository is private or gone. Tell your instructor. With
  the course's .zip you need none: upload it (folder icon on the left), then run %pip install ./NAME.zip
What pip said:"""

_CHECK = """

class NotSetUp(Exception):
    def _render_traceback_(self):  # its text says it all
        return [str(self)]


if importlib.util.find_spec("course_utils") is None:
    if "google.colab" not in sys.modules:
        raise NotSetUp("Run `pip install .` in the course's folder: its package is not installed.")
"""

_SET_UP = (
    """\
# Set-up: on Google Colab this installs the course's package; where it is installed it does nothing.
import importlib.util
import os
import subprocess
import sys
"""
    + _CHECK
    + '''    package = "git+https://github.com/{repository}@{branch}"
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", package],
        env={{**os.environ, "GIT_TERMINAL_PROMPT": "0"}},  # nobody could answer its questions
        capture_output=True,
        text=True,
    )
    if pip.returncode:
        reasons = [line for line in pip.stderr.splitlines() if "fatal:" in line]
        raise NotSetUp("""{failed}\n""" + "\\n".join(reasons or [pip.stderr]))
    importlib.invalidate_caches()'''
)

_NO_REPOSITORY = (
    """\
# Set-up: this does nothing where the course's package is installed already.
import importlib.util
import sys
"""
    + _CHECK
    + '''    raise NotSetUp("""\\
The course's package is not installed here, and this notebook knows no address to take it from.
Upload the course's .zip (folder icon on the left), run %pip install ./NAME.zip in a cell of its own,
then run this notebook from the top.""")'''
)


def head(course: Course, notebook: Path) -> list[NotebookNode]:
    """The badge, left out where course.toml names no repository, and the set-up cell."""
    if not course.repository:
        return [_set_up(_NO_REPOSITORY)]
    failed = _FAILED.format(repository=course.repository)
    set_up = _SET_UP.format(repository=course.repository, branch=course.branch, failed=failed)
    return [new_markdown_cell(badge(course, notebook), id="colab-badge"), _set_up(set_up)]


def _set_up(source: str) -> NotebookNode:
    return new_code_cell(source, id="set-up", metadata=copy.deepcopy(FOLDED))


def is_set_up(source: str) -> bool:
    """Whether a cell is the set-up cell as it is, whatever repository it names."""
    anywhere = {"repository": "OWNER/NAME", "branch": "BRANCH"}
    failed = _FAILED.format(**anywhere)
    text = re.escape(_SET_UP.format(**anywhere, failed=failed))
    for name in anywhere.values():
        text = text.replace(re.escape(name), r"[\w./-]+")
    return source.strip() == _NO_REPOSITORY or re.fullmatch(text, source.strip()) is not None


def badge(course: Course, notebook: Path) -> str:
    """The link, as a picture, that opens a notebook of the public repository in Colab."""
    place = notebook.relative_to(course.home).as_posix()
    return (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"(https://colab.research.google.com/github/{course.repository}/blob/{course.branch}/{place})"
    )
