"""How many submissions a minute, beside stock nbgrader: `python benchmarks/throughput.py [--count 40] [--stock 12]`.

One class of lab 1, made by the kit of `autograder demo` with a fixed seed, graded on one machine in
one run by stock `nbgrader autograde` and by `autograder grade` with the sandbox on, by turns.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import psutil
from legs import Leg, memory_mb, pooled, run, work_each
from nbformat.v4 import new_code_cell
from otter_class import grade_with_otter

from autograder.build import ensure_built
from autograder.course import Course, load_course
from autograder.place import cores, describe_place
from autograder.results import Job
from autograder.samples import Kit
from autograder.samples.honest import honest
from autograder.schedule import grade_all
from autograder.warm import parents

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "throughput.md"
LAB = "lab1_adversarial"
KINDS = ("right", "otherwise", "noisy", "partial", "blank", "stripped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="submissions of the class")
    parser.add_argument(
        "--stock", type=int, default=12, help="how many of them stock nbgrader grades"
    )
    parser.add_argument("--growth", type=int, default=0, help="a larger class as well, ours only")
    parser.add_argument(
        "--otter", type=Path, help="a Python that has otter-grader beside the course's packages"
    )
    parser.add_argument("--jobs", type=int, default=cores(), help="how many at once, ours")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="throughput-")))
        lines = [*measure(folder, arguments)]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written: {RESULTS}")


def measure(folder: Path, arguments: argparse.Namespace) -> Iterator[str]:
    """Runs everything and gives the page, a line each."""
    load = os.getloadavg()[0]
    built = built_course(folder / "built")
    handed_in = sample_class(built, max(arguments.count, arguments.growth))
    everybody = list(handed_in)[: arguments.count]
    kinds = {student: handed_in[student][0] for student in handed_in}
    timed = subset(everybody, kinds, arguments.stock)
    half = len(timed) // 2
    ours_command = ["autograder", "grade", LAB, "--jobs", str(arguments.jobs)]
    stock_command = ["nbgrader", "autograde", LAB]
    order = [
        ("stock", timed[:half], stock_command),
        ("ours", everybody, ours_command),
        ("ours", everybody, ours_command),
        ("stock", timed[half:], stock_command),
    ]
    legs = [
        run(folder / f"leg{number}", built, LAB, name, students, handed_in, command)
        for number, (name, students, command) in enumerate(order)
    ]
    stock = [leg for leg in legs if leg.name == "stock"]
    ours = [leg for leg in legs if leg.name == "ours"]
    yield from heading(arguments, timed, load)
    yield from speeds(stock, ours, arguments, rest_mb(built))
    yield from differences(stock, ours, kinds, "stock nbgrader")
    if arguments.otter:
        work = {student: handed_in[student][1] for student in timed}
        otter = Leg("otter", timed)
        otter.seconds, otter.scores = grade_with_otter(
            arguments.otter, folder / "otter", built.source_notebook(LAB), work, arguments.jobs
        )
        print(f"otter: {len(timed)} submissions in {otter.seconds:.0f} s", flush=True)
        yield from beside_otter(otter, ours, arguments)
        yield from differences([otter], ours, kinds, "Otter-Grader")
    if arguments.growth:
        grown = run(folder / "grown", built, LAB, "ours", list(handed_in), handed_in, ours_command)
        yield from growth(grown, ours)


def built_course(home: Path) -> Course:
    """A course of its own, so that nobody's gradebook is touched."""
    shutil.copytree(ROOT / "notebooks" / "source", home / "notebooks" / "source")
    shutil.copy(ROOT / "course.toml", home)
    course = load_course(home)
    ensure_built(course, LAB)
    return course


def sample_class(course: Course, count: int) -> dict[str, tuple[str, bytes]]:
    """Student -> (kind, notebook): all kinds alike often, in an order that the seed decides."""
    assignment = nbformat.read(course.source_notebook(LAB), as_version=4)
    made = {one.name: one for one in honest(Kit(assignment, course.source_notebook(LAB)), LAB)}
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    random.Random(0).shuffle(kinds)
    handed_in = {}
    for number, kind in enumerate(kinds):
        data = made[kind].data
        assert data is not None
        handed_in[f"s{number:03}"] = (kind, data)
    return handed_in


def subset(students: Sequence[str], kinds: dict[str, str], count: int) -> list[str]:
    """Of every kind alike many, and of both halves of it too."""
    by_kind = {kind: [s for s in students if kinds[s] == kind] for kind in KINDS}
    rows = zip(*(by_kind[kind] for kind in KINDS), strict=False)
    return [student for row in rows for student in row][:count]


def rest_mb(course: Course) -> tuple[float, float]:
    """One worker's memory (shared pages split, private pages) before the submission does anything.

    Its slot, its kernel, its checker and what keeps them; the parents that they are forked from are
    not in it.
    """
    assignment = course.source_notebook(LAB).read_bytes()
    notebook = nbformat.read(course.source_notebook(LAB), as_version=4)
    notebook.cells.insert(0, new_code_cell("import time\ntime.sleep(20)"))
    data = nbformat.writes(notebook, version=4).encode()
    job = Job("rest", LAB, data, assignment, course.limits, "", course.lab(LAB).withheld)
    with parents(describe_place(1), course.limits, job.withheld) as warm:
        time.sleep(30)  # until they have imported everything
        me = psutil.Process()
        before = {process.pid for process in me.children(recursive=True)}
        grading = threading.Thread(target=lambda: list(grade_all([job], 1, warm)))
        grading.start()
        time.sleep(12)
        new = [process for process in me.children(recursive=True) if process.pid not in before]
        memory = memory_mb(new)
        grading.join()
    return memory


def heading(arguments: argparse.Namespace, timed: Sequence[str], load: float) -> Iterator[str]:
    yield "# Submissions a minute"
    yield ""
    yield (
        f"`python benchmarks/throughput.py --count {arguments.count} --stock {arguments.stock}"
        f"{f' --growth {arguments.growth}' if arguments.growth else ''}"
        f"{' --otter PYTHON' if arguments.otter else ''}`: {arguments.count} submissions of lab 1 "
        f"({', '.join(KINDS)}, alike many), one machine with {cores()} processors, one run, in the order stock, "
        "ours, ours, stock. Ours: sandbox on, separate checker, "
        f"{arguments.jobs} at once. Stock: `nbgrader autograde`, {len(timed)} of the same submissions, as many of "
        f"each kind; its rate is extrapolated from these. It has one process, and runs the lab's own demonstrations, "
        "which ours leaves out where nothing graded depends on them. Load average when it began and at the end: "
        f"{load:.1f}, {os.getloadavg()[0]:.1f}."
    )
    yield ""


def speeds(
    stock: Sequence[Leg],
    ours: Sequence[Leg],
    arguments: argparse.Namespace,
    rest: tuple[float, float],
) -> Iterator[str]:
    slow, fast = pooled(stock), pooled(ours)
    yield "| | stock | ours |"
    yield "|---|---|---|"
    yield f"| submissions a minute | {slow:.2f} | {fast:.2f} |"
    yield f"| each leg | {_each(stock, 'a_minute', '.2f')} | {_each(ours, 'a_minute', '.2f')} |"
    yield f"| processor time of a submission | {work_each(stock)} | {work_each(ours)} |"
    yield f"| first score in the gradebook after | {_each(stock, 'first', '.0f')} s | {_each(ours, 'first', '.0f')} s |"
    yield f"| most memory of everything at once (PSS) | {_each(stock, 'peak_mb', '.0f')} MB | {_each(ours, 'peak_mb', '.0f')} MB |"
    a_worker = max(leg.peak_mb for leg in ours) / arguments.jobs
    yield f"| the same for each submission at work | | {a_worker:.0f} MB |"
    yield f"| a worker at rest beyond its parents: PSS, private pages | | {rest[0]:.0f} MB, {rest[1]:.0f} MB |"
    yield ""
    yield f"**{fast / slow:.1f} times** the submissions a minute of stock nbgrader."
    yield ""


def _each(legs: Sequence[Leg], what: str, form: str) -> str:
    return ", ".join(format(getattr(leg, what), form) for leg in legs)


def beside_otter(otter: Leg, ours: Sequence[Leg], arguments: argparse.Namespace) -> Iterator[str]:
    fast = pooled(ours)
    yield (
        f"Otter-Grader (`otter run`, no container, {arguments.jobs} at once, the same {len(otter.students)} "
        f"submissions, after the others): {otter.a_minute:.2f} a minute; ours is **{fast / otter.a_minute:.1f} times** that."
    )
    yield ""


def differences(
    stock: Sequence[Leg], ours: Sequence[Leg], kinds: dict[str, str], whose: str
) -> Iterator[str]:
    """Check by check, for everybody whom the other graded."""
    mine = ours[0].scores
    if any(leg.scores != mine for leg in ours):
        yield "**Our own two runs disagree.**"
        yield ""
    theirs = {student: checks for leg in stock for student, checks in leg.scores.items()}
    asked = [student for leg in stock for student in leg.students]
    known = {check for checks in theirs.values() for check in checks}
    pairs = [
        (student, check, theirs.get(student, {}).get(check), points)
        for student in asked
        for check, points in mine[student].items()
        if check in known
    ]
    other = [pair for pair in pairs if pair[2] != pair[3]]
    yield f"Scores: {len(pairs) - len(other)} of {len(pairs)} checks the same as {whose}'s."
    by_kind: dict[str, list[tuple]] = {}
    for pair in other:
        by_kind.setdefault(kinds[pair[0]], []).append(pair)
    for kind, found in sorted(by_kind.items()):
        checks = "; ".join(f"`{check}` {_told(a)} there, {b:g} here" for _, check, a, b in found)
        there, here = (sum(pair[place] or 0.0 for pair in found) for place in (2, 3))
        if len(found) > 3:
            nothing = " (no score)" if all(pair[2] is None for pair in found) else ""
            checks = f"together {there:g} points there{nothing}, {here:g} here"
        yield f"- {kind}: {len(found)} checks of {len({pair[0] for pair in found})} submissions: {checks}"
    yield ""


def _told(points: float | None) -> str:
    return "no score" if points is None else f"{points:g}"


def growth(grown: Leg, ours: Sequence[Leg]) -> Iterator[str]:
    few = pooled(ours)
    yield (
        f"{len(grown.students)} submissions: {grown.a_minute:.2f} a minute ({grown.a_minute / few:.2f} of the smaller "
        f"class's rate), first score after {grown.first:.0f} s, at most {grown.peak_mb:.0f} MB at once."
    )


if __name__ == "__main__":
    main()
