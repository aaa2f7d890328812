"""What the tables of the lectures share: seeds side by side, mean and standard deviation, the trained networks."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, stdev

import torch
from torch import nn

from course_utils.models import saving, zoo

RESULTS = Path(__file__).parent / "results"
Rows = dict[str, float]  # what was measured -> fraction


def network(name: str, seed: int) -> nn.Module:
    """A model of the zoo as trained with this seed: the zoo's own file where it has it."""
    from recipes import RECIPES

    file = zoo.folder() / f"{name}.safetensors"
    if file.is_file() and saving.facts(file).get("seed") == seed:
        return zoo.load(name)
    return RECIPES[name].train(seed).model


def over_seeds(measure: Callable[[int], Rows], seeds: Sequence[int]) -> tuple[list[Rows], float]:
    """The rows of each seed, and the minutes that it took: one process a core, one thread each."""
    began = time.monotonic()
    workers = min(len(seeds), os.cpu_count() or 1)
    fresh = multiprocessing.get_context("spawn")  # a fork would inherit torch's threads in any state
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
