"""Honest work, in every shape that it comes in."""

from __future__ import annotations

import ast
import json

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.build.cells import grade_id
from autograder.build.student import student_notebook
from autograder.results import GRADED
from autograder.samples.kit import Kit, Sample, with_cell
from autograder.samples.lab1 import OTHERWISE


def honest(kit: Kit, lab: str) -> list[Sample]:
    """Right, partial and blank."""
    noisy = {function: kit.body(function, _NOISE) for function in kit.solutions}
    two = [kit.alone(0), kit.alone(1)]
    stub = student_notebook(kit.assignment)
    blank = {grade_id(cell): cell.source for cell in stub.cells if grade_id(cell) in two}
    nested, loose, copied = (
        "{name}/{lab}/{lab}.ipynb",
        "{name}_{lab}.ipynb",
        "{name}/Copy of {lab} (2).ipynb",
    )
    return [
        kit.hand_in("right", "the reference solution", kit.solved()),
        kit.hand_in(
            "otherwise",
            "right, written another way",
            kit.solved(**_otherwise(kit, lab)),
            place=nested,
        ),
        kit.hand_in(
            "noisy",
            "right; prints, warns, logs to stderr, shows a progress bar and a plot",
            with_cell(kit.solved(**noisy), _PLOT),
            place=loose,
        ),
        kit.hand_in(
            "restless",
            "right; changes folder, seeds, warnings; leaves threads running",
            with_cell(kit.solved(), _RESTLESS),
        ),
        kit.hand_in("partial", f"left {' and '.join(two)} unwritten", kit.solved(**blank), two),
        kit.hand_in(
            "stripped",
            "right; the editor lost all cell metadata and ids",
            _stripped(kit.solved()),
            place=copied,
        ),
        kit.hand_in("blank", "handed in as released", stub, kit.solutions, status=GRADED),
    ]


def _otherwise(kit: Kit, lab: str) -> dict[str, str]:
    closures = {function: _as_closure(function, code) for function, code in kit.solutions.items()}
    return {**closures, **OTHERWISE.get(lab, {})}


def _as_closure(function: str, code: str) -> str:
    """The same work behind another shape: a class, a bound method, a name."""
    tree = ast.parse(code)
    if not any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body):
        return code
    body = "\n".join(f"    {line}" for line in ast.unparse(tree).splitlines())
    body = body.replace(f"    def {function}(", f"    @staticmethod\n    def {function}(", 1)
    return f"# @{function}\nclass _Mine:\n{body}\n\n\n{function} = _Mine.{function}\n"


def _stripped(notebook: NotebookNode) -> bytes:
    content = json.loads(nbformat.writes(notebook, version=4))
    for cell in content["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    content["metadata"] = {"colab": {"provenance": []}}
    content["nbformat_minor"] = 0
    return json.dumps(content).encode("utf-8")


_NOISE = """\
import logging, sys, warnings
print("at it")
print("at it", file=sys.stderr)
warnings.warn("I am not sure about this")
logging.getLogger().warning("still at it")
from tqdm.auto import tqdm
for _ in tqdm(range(3)):
    pass"""

_PLOT = """\
import matplotlib.pyplot as plt
plt.plot([0, 1], [0, 1])
plt.show()"""

_RESTLESS = """\
import os, random, threading, time, warnings
os.chdir("/tmp")
random.seed(1)
warnings.simplefilter("error")
x = y = model = check = None
for _ in range(3):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"""
