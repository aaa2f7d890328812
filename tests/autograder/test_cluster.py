"""A Dask cluster gives the results that this machine gives, also when it loses a worker on the way."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time

import psutil
import pytest
from distributed import LocalCluster

from autograder import cluster as cluster_module
from autograder.classroom import grade_class
from autograder.cluster import grade_on_cluster
from autograder.course import CourseError
from autograder.sandbox import bubblewrap
from autograder.schedule import grade_all
from tests.autograder.handed_in import data_of, solved, with_cell
from tests.autograder.tiny import LAB, quiet

pytestmark = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)


@pytest.fixture(scope="module")
def dask_cluster():
    """Two workers of one thread each, every one a process with a nanny that starts it anew."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as running:
        yield running


@pytest.fixture
def some_class(make_job, tiny_notebooks):
    """Right, half, broken and unreadable."""
    half = solved(tiny_notebooks, mean="def mean(values):\n    return 0")
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(3)", at=2)
    work = {"ana": solved(tiny_notebooks), "bo": half, "cy": b"nonsense", "di": slow, "ed": slow}
    return [make_job(notebook, student=name, cell_seconds=60) for name, notebook in work.items()]


def told(results) -> dict:
    """What a result says of the submission, without what the clock and the scales say."""
    facts = {}
    for graded in results:
        one = graded.result
        checks = [(c.grade_id, c.points, c.ran, c.diagnosis) for c in one.checks]
        facts[one.student] = (one.status, one.score, one.reason, one.flags, one.repairs, checks)
    return facts


def test_the_cluster_says_what_this_machine_says(dask_cluster, some_class):
    here = told(grade_all(some_class, workers=2))
    there = told(grade_on_cluster(some_class, dask_cluster.scheduler_address, report=quiet))
    assert there == here
    assert {name: facts[1] for name, facts in here.items()} == {
        **{"ana": 15, "bo": 8, "cy": 0, "di": 15, "ed": 15}
    }


def below(dask_cluster) -> dict[int, list[psutil.Process]]:
    """Process id of a worker -> what grades below it: slots, sandboxes, checkers, warm parents."""
    found = {}
    for nanny in dask_cluster.workers.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            found[nanny.pid] = psutil.Process(nanny.pid).children(recursive=True)
    return found


def grading(dask_cluster) -> list[int]:
    """The workers whose slots are there."""
    busy = []
    for pid, children in below(dask_cluster).items():
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                if "autograder.slot" in child.cmdline():
                    busy.append(pid)
    return busy


def test_a_worker_killed_half_way_costs_nobody_a_score(dask_cluster, some_class):
    killed, orphans = [], []

    def kill() -> None:
        while not (busy := grading(dask_cluster)):
            time.sleep(0.05)
        time.sleep(2)  # its kernel is there, too
        orphans.extend(below(dask_cluster)[busy[0]])
        os.kill(busy[0], signal.SIGKILL)
        killed.append(busy[0])

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    there = told(grade_on_cluster(some_class, dask_cluster.scheduler_address, report=quiet))
    killer.join(timeout=60)
    assert killed
    assert killed[0] not in below(dask_cluster)
    gone, alive = psutil.wait_procs(orphans, timeout=15)
    assert (len(gone) > 1, alive) == (True, [])
    assert {name: facts[1] for name, facts in there.items()} == {
        **{"ana": 15, "bo": 8, "cy": 0, "di": 15, "ed": 15}
    }


def test_workers_that_are_told_to_go_cost_nobody_a_score(some_class):
    """A cluster that shrinks, as one does whose time in the queue is over, and grows again."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as shrinking:
        gone = []

        def shrink() -> None:
            while not grading(shrinking):
                time.sleep(0.05)
            time.sleep(1)
            gone.extend(below(shrinking))
            shrinking.scale(0)
            while below(shrinking):
                time.sleep(0.05)
            shrinking.scale(2)

        shrinker = threading.Thread(target=shrink, daemon=True)
        shrinker.start()
        there = told(grade_on_cluster(some_class, shrinking.scheduler_address, report=quiet))
        shrinker.join(timeout=60)
        assert gone
        assert {name: facts[1] for name, facts in there.items()} == {
            **{"ana": 15, "bo": 8, "cy": 0, "di": 15, "ed": 15}
        }


def test_a_submission_that_kills_every_worker_is_reported_and_takes_nobody_along(
    dask_cluster, make_job, tiny_notebooks, monkeypatch
):
    monkeypatch.setattr(cluster_module, "grade_bytes", _dying_on_deadly)
    jobs = [make_job(solved(tiny_notebooks), student=name) for name in ("ana", "deadly", "cy")]
    scores = told(grade_on_cluster(jobs, dask_cluster.scheduler_address, report=quiet))
    assert scores["ana"][:2] == scores["cy"][:2] == ("needs-manual", 15)
    assert scores["deadly"][0] == "partial"
    assert "every worker" in scores["deadly"][2]


def _dying_on_deadly(data: bytes, plugin: str) -> bytes:
    if b"deadly" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    return _grade_bytes(data, plugin)


_grade_bytes = cluster_module.grade_bytes


def test_leaving_early_leaves_nothing_running(dask_cluster, make_job, tiny_notebooks):
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(50)", at=2)
    jobs = [make_job(b"", student="ana"), make_job(slow, student="bo", cell_seconds=60)]
    results = grade_on_cluster(jobs, dask_cluster.scheduler_address, report=quiet)
    next(results)
    while not grading(dask_cluster):
        time.sleep(0.05)
    time.sleep(2)
    running = [process for children in below(dask_cluster).values() for process in children]
    results.close()
    gone, alive = psutil.wait_procs(running, timeout=20)
    assert (len(gone) > 1, alive) == (True, [])


def test_a_whole_class_through_the_cluster_into_the_gradebook(
    dask_cluster, built, tiny_notebooks, monkeypatch
):
    folder = built.submitted / "ana" / LAB
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_bytes(data_of(solved(tiny_notebooks)))
    address = dask_cluster.scheduler_address
    (result,) = grade_class(built, LAB, ["ana"], scheduler=address, report=quiet)
    assert (result.score, result.status) == (15, "needs-manual")
    # known already: no cluster is asked
    monkeypatch.setattr(cluster_module, "grade_on_cluster", None)
    (again,) = grade_class(built, LAB, ["ana"], scheduler=address, report=quiet)
    assert again.score == 15


def test_an_address_where_nobody_answers_is_named_with_the_remedy(make_job, monkeypatch):
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(CourseError, match="dask scheduler") as told:
            next(grade_on_cluster([make_job(b"")], address, report=quiet))
    assert address in str(told.value)


@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://", "ftp://example.org:1", "tcp://host:port"]
)
def test_an_address_that_is_none_is_a_sentence(make_job, address):
    with pytest.raises(CourseError, match="is no address of a Dask scheduler"):
        next(grade_on_cluster([make_job(b"")], address, report=quiet))


def test_a_scheduler_without_workers_is_a_sentence(make_job, monkeypatch):
    monkeypatch.setattr(cluster_module, "_WORKER_SECONDS", 1.0)
    with (
        LocalCluster(n_workers=0, dashboard_address=":0") as empty,
        pytest.raises(CourseError, match="has no workers: start some with `dask worker"),
    ):
        next(grade_on_cluster([make_job(b"")], empty.scheduler_address, report=quiet))


def test_a_scheduler_that_goes_away_is_a_sentence(make_job, tiny_notebooks):
    slow = with_cell(solved(tiny_notebooks), "import time; time.sleep(50)", at=2)
    jobs = [make_job(b"", student="ana"), make_job(slow, student="bo", cell_seconds=60)]
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as leaving:
        results = grade_on_cluster(jobs, leaving.scheduler_address, report=quiet)
        assert next(results).result.student == "ana"
    with pytest.raises(CourseError, match=r"lost the Dask scheduler at .*results so far are kept"):
        next(results)


def test_a_worker_of_another_version_is_named(dask_cluster, make_job, monkeypatch):
    mine = cluster_module.versions_here() | {"course_utils": "0123"}
    monkeypatch.setattr(cluster_module, "versions_here", lambda: mine)
    with pytest.raises(CourseError, match=r"tcp://.* has another course_utils \(.*, not 0123\)"):
        next(grade_on_cluster([make_job(b"")], dask_cluster.scheduler_address, report=quiet))
