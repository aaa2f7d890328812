"""The same class for Otter-Grader: lab 1's check cells as its tests, its own program to grade with.

`otter run` grades one submission where it stands, without a container; as many run side by side as ours
do. The check cells become exception-based test files, word for word, and are taken out of the
submissions, as Otter's assignments have `grader.check(...)` there: each check runs once.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from autograder.build.cells import grade_id, is_test, points
from autograder.reading import read_notebook

_TEST = """\
from otter.test_files import test_case
OK_FORMAT = False
name = {name!r}
points = {points}
SOURCE = {source!r}

@test_case(points={points})
def check(env):
    exec(compile(SOURCE, name, "exec"), dict(env))
"""


def grade_with_otter(
    python: Path, folder: Path, assignment: Path, work: dict[str, bytes], at_once: int
) -> tuple[float, dict[str, dict[str, float]]]:
    """Grades submissions with the Otter-Grader that is installed for `python`.

    Args:
        folder: a new one, for what it makes.
        assignment: the instructor's notebook.
        work: student -> notebook.

    Returns:
        Seconds for all of them, and student -> check -> points.
    """
    (folder / "tests").mkdir(parents=True)
    checks = [cell for cell in nbformat.read(assignment, as_version=4).cells if is_test(cell)]
    names = {grade_id(cell) for cell in checks}
    for cell in checks:
        text = _TEST.format(name=grade_id(cell), points=points(cell), source=cell.source)
        (folder / "tests" / f"{grade_id(cell)}.py").write_text(text, encoding="utf-8")
    otter = str(python.parent / "otter")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
        "OMP_NUM_THREADS": "1",  # side by side, more threads would only fight
    }
    bundle = folder / "autograder.zip"
    made = [otter, "generate", "-t", str(folder / "tests"), "-o", str(bundle)]
    made += ["--no-requirements", "--no-environment", "--no-config"]
    subprocess.run(made, check=True, cwd=folder, env=environment, capture_output=True)
    for student, data in work.items():
        notebook, _ = read_notebook(data)
        notebook.cells = [cell for cell in notebook.cells if not is_test(cell)]
        (folder / student / "out").mkdir(parents=True)
        nbformat.write(notebook, folder / student / "lab.ipynb")

    def grade(student: str) -> None:
        place = folder / student
        command = [otter, "run", "-a", str(bundle), "-o", str(place / "out"), "lab.ipynb"]
        with (place / "said.txt").open("w") as said:
            subprocess.run(command, cwd=place, env=environment, stdout=said, stderr=said)

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(grade, work))
    seconds = time.monotonic() - began
    return seconds, {student: _scores(folder / student / "out", names) for student in work}


def _scores(folder: Path, names: set[str]) -> dict[str, float]:
    try:
        told = json.loads((folder / "results.json").read_text(encoding="utf-8"))["tests"]
    except (OSError, ValueError, KeyError):
        return {}
    return {test["name"]: test["score"] for test in told if test["name"] in names}
