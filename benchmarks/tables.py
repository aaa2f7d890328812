"""What the tables of the lectures share: seeds side by side, mean and standard deviation, the trained networks."""

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

import torch
from recipes import RECIPES, Recipe
from torch import nn

from course_utils.data.cache import cache_dir
from course_utils.models import saving, zoo

RESULTS = Path(__file__).parent / "results"
Rows = dict[str, float]  # what was measured -> fraction


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
    utils = Path(__file__).parents[1] / "course_utils"
    own = Path(inspect.getfile(recipe.train))
    sources = [own, utils / "models" / "encoder.py", *(utils / name for name in recipe.sources)]
    # recipes/signs.py is drawn by data/signs; the classifiers by the world alone.
    for room in ("training", "data/world", f"data/{own.stem}"):
        sources += sorted((utils / room).glob("*.py"))
    return hashlib.sha256("\n".join(map(_code, sources)).encode()).hexdigest()[:12]


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


def table(rows: Sequence[Rows], *, heading: str = "") -> str:
    """Mean and standard deviation over the seeds, in percent."""
    lines = [f"| {heading} | mean | sd |", "|---|---|---|"]
    for name in rows[0]:
        values = [100 * row[name] for row in rows]
        spread = f"{stdev(values):.2f}" if len(values) > 1 else "–"
        lines.append(f"| {name} | {mean(values):.2f} % | {spread} |")
    return "\n".join(lines) + "\n"


def write(
    name: str, title: str, seeds: Sequence[int], minutes: float, told: str, *parts: str
) -> None:
    """One page of results: benchmarks/results/NAME.md, printed as well."""
    how = (
        f"`python {Path(sys.argv[0]).parent.name}/{Path(sys.argv[0]).name}`, "
        f"seeds {', '.join(map(str, seeds))}, {minutes:.0f} minutes, one process a seed with one "
        "thread each. Mean and standard deviation over seeds."
    )
    text = "\n\n".join([f"# {title}", how, told, *parts]).rstrip() + "\n"
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
