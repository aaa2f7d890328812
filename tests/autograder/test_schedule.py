"""A class goes through to its end, whatever happens to the processes that grade it."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from autograder.sandbox import bubblewrap
from autograder.schedule import grade_all
from tests.autograder.handed_in import solved, with_cell

pytestmark = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)


def sandboxes() -> list[psutil.Process]:
    """The bubblewraps of this test's workers."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if child.name() == "bwrap" and child.parent().name() != "bwrap":
                found.append(child)
        except (psutil.NoSuchProcess, AttributeError):
            continue
    return found


def kill_workers(times: int) -> threading.Thread:
    """Kills the worker of the next `times` sandboxes that appear."""

    def kill() -> None:
        for _ in range(times):
            while not (running := sandboxes()):
                time.sleep(0.05)
            worker = running[0].parent()
            worker.kill()
            worker.wait(timeout=10)
            while running[0].is_running() and running[0].status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


def test_every_job_comes_back_once(make_job, tiny_notebooks):
    jobs = [make_job(solved(tiny_notebooks), student=f"s{i}") for i in range(3)]
    jobs.append(make_job(b"nonsense", student="s3"))
    results = [graded.result for graded in grade_all(jobs, workers=2)]
    assert sorted((one.student, one.score) for one in results) == [
        ("s0", 15), ("s1", 15), ("s2", 15), ("s3", 0),
    ]  # fmt: skip


def test_a_worker_that_dies_costs_nobody_a_score(make_job, tiny_notebooks):
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(2)", at=2)
    killer = kill_workers(1)
    jobs = [make_job(slow, student="slow"), make_job(solved(tiny_notebooks), student="quick")]
    scores = {graded.result.student: graded.result.score for graded in grade_all(jobs, workers=1)}
    assert not killer.is_alive()
    assert scores == {"slow": 15, "quick": 15}


def test_a_submission_whose_worker_dies_twice_is_reported_as_not_graded(make_job, tiny_notebooks):
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(4)", at=2)
    kill_workers(2)
    (graded,) = grade_all([make_job(slow)], workers=1)
    assert graded.result.status == "partial"
    assert "died 2 times" in graded.result.reason
    assert graded.notebook is None


def test_leaving_early_leaves_no_process_behind(make_job, tiny_notebooks):
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(60)", at=2)
    results = grade_all([make_job(b""), make_job(slow, cell_seconds=60)], workers=2)
    next(results)
    while not sandboxes():
        time.sleep(0.05)
    results.close()
    give_up = time.monotonic() + 10
    while sandboxes():
        assert time.monotonic() < give_up
        time.sleep(0.1)
