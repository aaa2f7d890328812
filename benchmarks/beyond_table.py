"""Lecture 6's table: what each task's network is ahead of, and by how much.

    python benchmarks/beyond_table.py

measures inpainting, clusters, colouring and video colouring (benchmarks/beyond/) on the test split, with
networks of three seeds, which are trained first where they are not kept from before: about an hour of one
core. Writes benchmarks/results/beyond.md and data/results/beyond.json.
`--little` measures the networks of the zoo alone.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import torch
from beyond import clusters, colouring, inpainting, video
from tables import Rows, gained, grid, over_seeds, side_by_side, table, told, write

from course_utils import data

TASKS = {
    "inpainting": inpainting,
    "clusters": clusters,
    "colouring": colouring,
    "video": video,
}


@dataclass(frozen=True)
class Contest:
    """Rows to be compared: a method's against each of its baselines'."""

    method: str
    baselines: tuple[str, ...]
    error: bool = True  # the smaller one is ahead


CLUSTERED = (
    "random encoder", "rotation", "patches", "SimCLR", "DeepCluster", "DeepCluster from rotation",
    "supervised",
)  # fmt: skip
CONTESTS = (
    Contest(
        "inpainting: network", ("inpainting: mean of the visible pixels", "inpainting: bilinear")
    ),
    *(Contest(f"clusters: {name}", ("clusters: pixels",), error=False) for name in CLUSTERED),
    Contest(
        "colouring: network (mean colour)",
        ("colouring: grey", "colouring: one mean colour", "colouring: mean colour of each grey"),
    ),
    Contest(
        "colouring, balanced accuracy: network (rebalanced)",
        (
            "colouring, balanced accuracy: grey",
            "colouring, balanced accuracy: one mean colour",
            "colouring, balanced accuracy: network (mean colour)",
        ),
        error=False,
    ),
    Contest(
        "video: network",
        (
            "video: first frame's colours copied",
            "video: grey matching",
            "video: grey",
            "video: untrained network",
        ),
    ),
    Contest(
        "video, tracking: network",
        (
            "video, tracking: mask left in place",
            "video, tracking: grey matching",
            "video, tracking: untrained network",
        ),
        error=False,
    ),
)


def measure(seed: int) -> Rows:
    return {name: value for task in TASKS.values() for name, value in task.measure(seed).items()}


def ahead(rows: Sequence[Rows]) -> str:
    """Each method beside its baselines; a method that is behind is said to be."""
    cells: dict[str, Sequence[str]] = {}
    found = side_by_side(rows)
    for contest in CONTESTS:
        for baseline in contest.baselines:
            of, over = found[contest.method], found[baseline]
            better = (mean(of) < mean(over)) == contest.error and mean(of) != mean(over)
            # Two columns in one: the method and the baseline name the line.
            cells[f"{contest.method} | {baseline}"] = (
                told(of),
                told(over),
                gained(of, over),
                "yes" if better else "**no**",
            )
    columns = ("baseline", "the method's", "the baseline's", "difference", "ahead?")
    return grid("method", columns, cells)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--little", action="store_true")
    arguments = parser.parse_args()
    seeds = [0] if arguments.little else arguments.seeds
    torch.set_num_threads(1)
    for name in ("world", "clips"):
        data.load(name)  # drawn once, not by each process
    rows, minutes = over_seeds(measure, seeds)
    publish(rows, seeds, minutes, little=arguments.little)


def publish(
    rows: Sequence[Rows], seeds: Sequence[int], minutes: float, *, little: bool = False
) -> None:
    """The page for people, and the figures for the lecture to draw."""
    write(
        "beyond",
        "Lecture 6: beyond classification",
        seeds,
        minutes,
        "Errors (inpainting, colouring, video) are better when they are smaller; accuracies and the "
        "overlap of tracked masks when they are larger. Every network is of the seed that it is measured "
        "with.\n\n## Ahead of the baselines\n\n" + ahead(rows),
        *(
            f"## {name.capitalize()}\n\n{task.ABOUT}\n\n{table(_of(name, rows), heading='what')}"
            for name, task in TASKS.items()
        ),
        figures=side_by_side(rows),
        little=little,
    )


def _of(task: str, rows: Sequence[Rows]) -> list[Rows]:
    """The rows of one task."""
    return [{name: v for name, v in row.items() if name.startswith(task)} for row in rows]


if __name__ == "__main__":
    main()
