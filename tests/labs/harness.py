"""A lab's checks run in this process: quick enough to try every version of its bank."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What one check cell said: no diagnosis means that it passed."""

    cell: str
    points: float
    diagnosis: str | None
    printed: str


class LabChecks:
    """The solution and check cells of a lab's source, by grade_id, run one function at a time."""

    def __init__(self, lab: str) -> None:
        notebook = jupytext.read(ROOT / "notebooks" / "source" / "labs" / f"{lab}.py")
        graded = [
            (cell.metadata["nbgrader"], cell)
            for cell in notebook.cells
            if "nbgrader" in cell.metadata
        ]
        code = [(meta, cell) for meta, cell in graded if cell.cell_type == "code"]
        self.imports = imports_of(
            cell.source
            for cell in notebook.cells
            if cell.cell_type == "code" and "nbgrader" not in cell.metadata
        )
        self.solutions = {meta["grade_id"]: cell.source for meta, cell in code if meta["solution"]}
        self.checks = {
            meta["grade_id"]: (meta["points"], cell.source) for meta, cell in code if meta["grade"]
        }

    def of(self, function: str) -> dict[str, tuple[float, str]]:
        """The check cells of `function`: test_f, test_f_2, …"""
        return {
            name: check
            for name, check in self.checks.items()
            if name == f"test_{function}" or name.removeprefix(f"test_{function}_").isdigit()
        }

    def stub(self, function: str) -> str:
        region = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
        return region.sub("raise NotImplementedError", self.solutions[function])

    def run(self, function: str, code: str | None = None) -> list[Outcome]:
        """Runs the checks of `function` on `code` (default: the solution); the rest is the solution."""
        names: dict = {}
        _execute(self.imports, "imports", names)
        for name, solution in self.solutions.items():
            _execute(
                code if name == function and code is not None else solution, f"cell {name}", names
            )
        return [
            self._check(name, points, source, names)
            for name, (points, source) in self.of(function).items()
        ]

    @staticmethod
    def _check(name: str, points: float, source: str, names: dict) -> Outcome:
        printed = io.StringIO()
        diagnosis = None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                _execute(source, f"cell {name}", dict(names))
            except AssertionError as failure:
                diagnosis = str(failure)
        return Outcome(name, points, diagnosis, printed.getvalue())


def imports_of(cells: Iterable[str]) -> str:
    """What the lab's own cells import: the solutions may use all of it."""
    python = "\n".join(cells)
    python = re.sub(r"^[%!].*$", "", python, flags=re.MULTILINE)  # a notebook's commands
    statements = ast.parse(python).body
    return "\n".join(
        ast.unparse(node) for node in statements if isinstance(node, ast.Import | ast.ImportFrom)
    )


def _execute(source: str, title: str, names: dict) -> None:
    file = f"<{title}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
