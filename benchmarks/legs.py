"""One command over one class of submissions: how long it took, what it used, and what everybody got."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.course import Course, load_course

MB = 1 << 20
_STOCK_CONFIG = """\
import os
c = get_config()
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.course_id = "stock"
c.Execute.timeout = 600  # its own is 30 s, which its slower run of this lab does not keep
"""
_FIRST = "select count(distinct notebook_id) from grade where auto_score is not null"
_SCORES = """
select a.student_id, c.name, g.auto_score from grade g
join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment a on a.id = n.assignment_id
"""


@dataclass
class Leg:
    """One command over one class.

    Attributes:
        first: seconds until the first submission's scores were in the gradebook.
        peak_mb: the most memory that it and all it started had at once, shared pages split (PSS).
        work: seconds of processor time of it and all it started; 0 where nobody counts them.
        scores: student -> check -> points; without the checks that have none.
    """

    name: str
    students: list[str]
    seconds: float = 0.0
    first: float = 0.0
    peak_mb: float = 0.0
    work: float = 0.0
    scores: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def a_minute(self) -> float:
        return 60 * len(self.students) / self.seconds


def pooled(legs: Sequence[Leg]) -> float:
    """Submissions a minute over all of the legs."""
    return 60 * sum(len(leg.students) for leg in legs) / sum(leg.seconds for leg in legs)


def work_each(legs: Sequence[Leg]) -> str:
    """Processor time of one submission, which other programs on the machine do not change much."""
    if not all(leg.work for leg in legs):
        return "not known"
    return f"{sum(leg.work for leg in legs) / sum(len(leg.students) for leg in legs):.1f} s"


def run(
    home: Path,
    built: Course,
    lab: str,
    name: str,
    students: list[str],
    handed_in: dict[str, tuple[str, bytes]],
    command: list[str],
) -> Leg:
    """Times one command in a fresh copy of the course that only these students handed in to."""
    shutil.copytree(built.home, home)
    course = load_course(home)
    for student in students:
        place = course.submitted / student / lab
        place.mkdir(parents=True)
        (place / f"{lab}.ipynb").write_bytes(handed_in[student][1])
    if name == "stock":
        (course.root / "nbgrader_config.py").write_text(_STOCK_CONFIG)
    leg = Leg(name, students)
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    with (home / "said.txt").open("w") as said, _counted() as (counted, work):
        began = time.monotonic()
        process = subprocess.Popen(
            [*counted, sys.executable, "-m", *command],
            cwd=course.root,
            env=environment,
            stdout=said,
            stderr=said,
        )
        watcher = threading.Thread(target=_watch, args=(process, course.gradebook, leg, began))
        watcher.start()
        process.wait()
        leg.seconds, leg.work = time.monotonic() - began, work()
        watcher.join()
    leg.scores = scores_in(course.gradebook)
    told = sum(bool(checks) for checks in leg.scores.values())
    print(
        f"{name}: {len(students)} submissions in {leg.seconds:.0f} s, {told} with scores",
        flush=True,
    )
    if not told:
        sys.exit(f"{name} graded nobody:\n{(home / 'said.txt').read_text()[-3000:]}")
    return leg


@contextlib.contextmanager
def _counted() -> Iterator[tuple[list[str], Callable[[], float]]]:
    """(what to put before a command, a function that tells its processor time): a control group's count."""
    old, new = Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup")
    group = (old if old.is_dir() else new) / f"throughput-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:  # only root may
        yield [], lambda: 0.0
        return

    def work() -> float:
        if old.is_dir():
            return int((group / "cpuacct.usage").read_text()) / 1e9
        return int((group / "cpu.stat").read_text().split()[1]) / 1e6

    enter = f'echo $$ > {group}/cgroup.procs && exec "$@"'
    try:
        yield ["sh", "-c", enter, "sh"], work
    finally:
        for _ in range(50):  # until the last of it is gone
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def _watch(process: subprocess.Popen, gradebook: Path, leg: Leg, began: float) -> None:
    while process.poll() is None:
        if not leg.first:
            with contextlib.suppress(sqlite3.Error), _reading(gradebook) as book:
                if book.execute(_FIRST).fetchone()[0]:
                    leg.first = time.monotonic() - began
        with contextlib.suppress(psutil.Error):
            tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
            leg.peak_mb = max(leg.peak_mb, memory_mb(tree)[0])
        time.sleep(1)


def memory_mb(processes: Sequence[psutil.Process]) -> tuple[float, float]:
    """What they use, in MB: with shared pages split among all who share them, and private pages only."""
    shares = alone = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            info = process.memory_full_info()
            shares, alone = shares + info.pss, alone + info.uss
    return shares / MB, alone / MB


@contextlib.contextmanager
def _reading(gradebook: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"file:{gradebook}?mode=ro", uri=True)) as book:
        yield book


def scores_in(gradebook: Path) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    with _reading(gradebook) as book:
        for student, check, points in book.execute(_SCORES):
            if points is not None:
                scores.setdefault(student, {})[check] = points
    return scores
