"""What the tables of the lectures share: the trained networks, seeds side by side, a page and its figures."""

from __future__ import annotations

import ast
import hashlib
import inspect
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from recipes import RECIPES, Recipe
from torch import nn

from course_utils import results
from course_utils.data.cache import cache_dir
from course_utils.models import saving, zoo

RESULTS = Path(__file__).parent / "results"
UTILS = Path(__file__).parents[1] / "course_utils"
Rows = dict[str, float]  # what was measured -> fraction
Found = dict[str, Any]  # nested, with fractions at the ends


def network(name: str, seed: int) -> nn.Module:
    """A model of the zoo as trained with this seed: the zoo's own file where it has it."""
    zoos = zoo.folder() / f"{name}.safetensors"
    if zoos.is_file() and saving.facts(zoos).get("seed") == seed:
        return zoo.load(name)
    return trained(RECIPES[name], seed)


def trained(recipe: Recipe, seed: int) -> nn.Module:
    """What a recipe makes of a seed, kept in the cache folder until the code that makes it changes."""
    file = cache_dir() / "benchmarks" / f"{recipe.name}-{seed}-{_stamp(recipe)}.safetensors"
    if not file.is_file():
        saving.save(recipe.train(seed).model, file, seed=seed)
    return saving.load(file)


def _stamp(recipe: Recipe) -> str:
    """Changes with the code that the training depends on, not with its comments and docstrings."""
    own = Path(inspect.getfile(recipe.train))
    sources = [own, UTILS / "models" / "encoder.py", *(UTILS / name for name in recipe.sources)]
    # recipes/signs.py is drawn by data/signs; the classifiers by the world alone.
    for room in ("training", "data/world", f"data/{own.stem}"):
        sources += sorted((UTILS / room).glob("*.py"))
    return code_mark(*sources)[:12]


def code_mark(*sources: Path) -> str:
    """Changes with the code of these files, not with their comments and docstrings."""
    return hashlib.sha256("\n".join(map(_code, sources)).encode()).hexdigest()


def _code(source: Path) -> str:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body.pop(0)
    return ast.unparse(tree)


def over_seeds(measure: Callable[[int], Rows], seeds: Sequence[int]) -> tuple[list[Rows], float]:
    """The rows of each seed, and the minutes that it took: one process a core, one thread each."""
    began = time.monotonic()
    workers = min(len(seeds), os.cpu_count() or 1)
    # A fork would inherit torch's threads in any state.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, fresh, initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        rows = []
        for seed, row in zip(seeds, pool.map(measure, seeds), strict=True):
            print(seed, {name: f"{100 * value:.2f} %" for name, value in row.items()}, flush=True)
            rows.append(row)
    return rows, (time.monotonic() - began) / 60


def side_by_side(found: Sequence[Any]) -> Any:
    """The same (nested) dict for each seed -> one, with a list of one figure a seed at each end."""
    if isinstance(found[0], dict):
        return {key: side_by_side([one[key] for one in found]) for key in found[0]}
    return list(found)


def told(values: Sequence[float]) -> str:
    """'53.12 % ± 1.20' of fractions."""
    percent = [100 * value for value in values]
    spread = f" ± {stdev(percent):.2f}" if len(percent) > 1 else ""
    return f"{mean(percent):.2f} %{spread}"


def gained(values: Sequence[float], over: Sequence[float]) -> str:
    """'+12.34 points ± 0.56': the same seeds compared, fractions."""
    points = [100 * (a - b) for a, b in zip(values, over, strict=True)]
    spread = f" ± {stdev(points):.2f}" if len(points) > 1 else ""
    return f"{mean(points):+.2f} points{spread}"


def grid(heading: str, columns: Sequence[str], rows: dict[str, Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {heading} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    return "\n".join(lines)


def table(rows: Sequence[Rows], *, heading: str = "") -> str:
    """Mean and standard deviation over the seeds, in percent, a column each."""
    cells = {}
    for name in rows[0]:
        values = [100 * row[name] for row in rows]
        spread = f"{stdev(values):.2f}" if len(values) > 1 else "–"
        cells[name] = (f"{mean(values):.2f} %", spread)
    return grid(heading, ("mean", "sd"), cells) + "\n"


def write(
    name: str,
    title: str,
    seeds: Sequence[int],
    minutes: float | None,
    about: str,
    *parts: str,
    figures: Found | None = None,
    little: bool = False,
) -> None:
    """One page of results, printed as well; a run in little never replaces what a full run measured.

    Args:
        name: of benchmarks/results/NAME.md, and of data/results/NAME.json.
        minutes: that the measuring took, a process a seed; None where much of it was kept from before.
        about, parts: the paragraphs and tables below the line that says how the page was made.
        figures: for the lectures to draw, a list of one fraction a seed at each end; None: no file of them.
        little: a run of a minute that proves that the script works; the page is marked as provisional.
    """
    script = Path(sys.argv[0]).resolve()
    path = f"{script.parent.name}/{script.name}"
    head = _how(path, seeds, minutes, little)
    text = "\n\n".join([f"# {title}", head, about, *parts]).rstrip() + "\n"
    print(text)
    if little and _measured_in_full(name):
        print("a full run is there already: nothing written")
        return
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    if figures is not None:
        page = {"script": path, "seeds": list(seeds), "provisional": little, "figures": figures}
        results.save(name, page)


def _how(script: str, seeds: Sequence[int], minutes: float | None, little: bool) -> str:
    run = ", ".join(map(str, seeds))
    if little:
        return f"**Provisional**: `python {script} --little`, seed {run}; the figures mean nothing yet."
    took = (
        ""
        if minutes is None
        else (f", {minutes:.0f} minutes, one process a seed with one thread each")
    )
    return f"`python {script}`, seeds {run}{took}. Mean and standard deviation over seeds."


def _measured_in_full(name: str) -> bool:
    try:
        return not results.load(name)["provisional"]
    except ValueError:
        return False
