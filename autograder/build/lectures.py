"""Lecture notebooks: executed, with their outputs, and only when something they depend on changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.build.cells import BuildRefused, nbgrader, where
from autograder.build.colab import HEAD_IDS
from autograder.build.files import BuildResult, put
from autograder.build.fingerprint import fingerprint
from autograder.build.glossary import WORDS_ID, without_words
from autograder.build.kernel import run_notebook
from autograder.build.source import instructor_notebook
from autograder.build.student import text_of
from autograder.course import Course

# A whole lecture should take at most five minutes; one cell that takes longer than this hangs.
CELL_SECONDS = 600


def lecture_names(course: Course) -> list[str]:
    return sorted(path.stem for path in course.lecture_sources.glob("*.py"))


def build_lecture(
    course: Course, name: str, result: BuildResult, report: Callable[[str], None], force: bool
) -> None:
    """Executes a lecture, unless what it was made from is the same as when it was last run.

    Raises:
        BuildRefused: a cell failed, took too long, or shows a path of this machine.
    """
    path = course.lecture_notebooks / f"{name}.ipynb"
    notebook = _unexecuted(course, name, path)
    if force or _reuse_outputs(path, notebook):
        report(f"{name}: running it")
        started = time.monotonic()
        _execute(course, name, notebook)
        report(f"{name}: ran in {time.monotonic() - started:.0f} s")
    put(path, text_of(notebook), result)


def check_lecture(course: Course, name: str, result: BuildResult) -> None:
    """Notes in `result.differs` why the notebook that is there is out of date."""
    path = course.lecture_notebooks / f"{name}.ipynb"
    notebook = _unexecuted(course, name, path)
    reason = _reuse_outputs(path, notebook)
    if not reason and path.read_text(encoding="utf-8") != text_of(notebook):
        reason = "is not as the build writes it"
    if reason:
        result.differs.append(f"{path.relative_to(course.home).as_posix()} {reason}")
    else:
        result.unchanged.append(path)


def _unexecuted(course: Course, name: str, path: Path) -> NotebookNode:
    source = course.lecture_sources / f"{name}.py"
    notebook = instructor_notebook(course, source, path)
    for cell in notebook.cells:
        if nbgrader(cell):
            raise BuildRefused(
                f"{name}, {where(cell)}: has nbgrader metadata, which belongs into labs only"
            )
        if "incorrectly_encoded_metadata" in cell.metadata:
            raise BuildRefused(
                f"{name}, {where(cell)}: its metadata is not JSON: mend its `# %%` line"
            )
    notebook.metadata.course["made_from"] = fingerprint(course, source)
    return notebook


def _reuse_outputs(path: Path, notebook: NotebookNode) -> str:
    """Fills in the outputs of the last run; or says why they can't be used."""
    try:
        built = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        return "is not built"
    except (OSError, ValueError) as error:
        return f"can't be read ({error})"
    if built.metadata.get("course", {}).get("made_from") != notebook.metadata.course["made_from"]:
        return "was made from an older source, or from older code of course_utils"
    theirs, ours = _body(built), _body(notebook)
    if [(cell.cell_type, without_words(cell.source)) for cell in theirs] != [
        (cell.cell_type, without_words(cell.source)) for cell in ours
    ]:
        return "has other cells than its source: it was edited by hand"
    outputs = [output for cell in theirs for output in cell.get("outputs", [])]
    if not outputs:
        return "has no outputs"
    if any(output.output_type == "error" for output in outputs):
        return "shows an error"
    for old, new in zip(theirs, ours, strict=True):
        if new.cell_type == "code":
            new.outputs, new.execution_count = old.outputs, old.execution_count
    _copy_head_counts(built, notebook)
    if "widgets" in built.metadata:
        notebook.metadata.widgets = built.metadata.widgets
    return ""


def _body(notebook: NotebookNode) -> list[NotebookNode]:
    """All but the badge, the set-up cell and the words, which change with the repository and the glossary."""
    return [cell for cell in notebook.cells if cell.get("id") not in (*HEAD_IDS, WORDS_ID)]


def _copy_head_counts(built: NotebookNode, notebook: NotebookNode) -> None:
    counts = {cell.get("id"): cell.get("execution_count") for cell in built.cells}
    for cell in notebook.cells:
        if cell.id in HEAD_IDS and cell.cell_type == "code":
            cell.execution_count = counts.get(cell.id)


def _execute(course: Course, name: str, notebook: NotebookNode) -> None:
    try:
        run_notebook(notebook, CELL_SECONDS, stop_at_error=True)
    except BuildRefused as error:
        raise BuildRefused(f"{name}: {error}. Mend the source, then build again") from None
    # The kernel reports the exact Python that ran it, which is nobody's concern.
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})
    _drop_unseen_widgets(notebook)
    _hide_home(notebook)
    for cell in notebook.cells:
        for text in _shown_as_text(cell):
            path = next((path for path in (str(course.home), sys.prefix) if path in text), None)
            if path:
                raise BuildRefused(
                    f"{name}, {where(cell)}: its output shows a folder of this machine ({path}): "
                    "print less, or silence the warning that does"
                )


def _drop_unseen_widgets(notebook: NotebookNode) -> None:
    """A widget that printed its figure instead leaves a state behind that nothing shows."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if not any(
        "application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs
    ):
        notebook.metadata.pop("widgets", None)


def _hide_home(notebook: NotebookNode) -> None:
    """What says where a file is cached says ~/.cache/…, as it is true for every reader."""
    home = f"{Path.home()}{os.sep}"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = output.text.replace(home, "~/")
            for kind, text in output.get("data", {}).items():
                if kind.startswith("text/"):
                    output.data[kind] = text.replace(home, "~/")


def _shown_as_text(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (
            text for kind, text in output.get("data", {}).items() if kind.startswith("text/")
        )
