"""Grades a class on this machine: a few processes, one submission each at a time."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import msgspec
import nbformat

from autograder.results import Graded, Job, Place

_PR_SET_PDEATHSIG = 1
_TRIES = 2
_decode_graded = msgspec.msgpack.Decoder(Graded).decode


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade_all(jobs: Iterable[Job], workers: int, place: Place | None = None) -> Iterator[Graded]:
    """Grades every job, `workers` at once, and gives the results as they come.

    A worker process that dies takes nobody else with it: its submission is tried once more, and
    then reported as not graded. Leaving the iterator early stops the workers.
    """
    new = (_Task(job) for job in jobs)
    again: list[_Task] = []
    pool: list[_Worker] = []
    try:
        while True:
            while _has_free(pool, workers) and (task := again.pop() if again else next(new, None)):
                _free(pool, place or Place()).give(task)
            if not any(worker.task for worker in pool):
                return
            for worker in _heard(pool):
                graded = worker.take()
                if graded is not None:
                    yield graded
                    continue
                pool.remove(worker)
                task = worker.lost()
                if task.tries < _TRIES:
                    again.append(task)
                else:
                    yield _given_up(task)
    finally:
        for worker in pool:
            worker.stop()


@dataclass
class _Task:
    job: Job
    tries: int = 0


class _Worker:
    """One process, and the submission that it is at."""

    def __init__(self, place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, os.getpid(), place), daemon=True)
        self.process.start()
        theirs.close()
        self.task: _Task | None = None
        self.deadline = 0.0

    def give(self, task: _Task) -> None:
        self.task, task.tries = task, task.tries + 1
        limits = task.job.limits
        # Reading, restarts and stopping take time of their own; beyond this, something is wrong.
        self.deadline = time.monotonic() + 1.5 * limits.notebook_seconds + 300
        with contextlib.suppress(OSError):  # where it is dead already, `take` finds out
            self.pipe.send_bytes(msgspec.msgpack.encode(task.job))

    def take(self) -> Graded | None:
        """What it sent; None where it died or is beyond its time."""
        if not self.pipe.poll():
            return None
        try:
            graded = _decode_graded(self.pipe.recv_bytes())
        except (EOFError, OSError, msgspec.DecodeError):
            return None
        self.task = None
        return graded

    def lost(self) -> _Task:
        self.stop()
        assert self.task is not None
        task, self.task = self.task, None
        return task

    def stop(self) -> None:
        self.process.kill()
        self.process.join(timeout=10)
        self.pipe.close()


def _has_free(pool: list[_Worker], most: int) -> bool:
    return len(pool) < most or any(worker.task is None for worker in pool)


def _free(pool: list[_Worker], place: Place) -> _Worker:
    for worker in pool:
        if worker.task is None:
            return worker
    pool.append(_Worker(place))
    return pool[-1]


def _heard(pool: list[_Worker]) -> list[_Worker]:
    """The busy workers that sent something, died, or are beyond their time."""
    busy = [worker for worker in pool if worker.task]
    ready = wait([worker.pipe for worker in busy], timeout=1.0)
    now = time.monotonic()
    return [worker for worker in busy if worker.pipe in ready or now > worker.deadline]


def _given_up(task: _Task) -> Graded:
    from autograder.grade import not_run

    assignment = nbformat.reads(task.job.assignment.decode("utf-8"), as_version=4)
    why = f"the process that graded it died {task.tries} times; grade again, and see `autograder doctor`"
    return Graded(not_run(task.job, assignment, why))


def _work(pipe: Connection, parent: int, place: Place) -> None:
    """A worker's life: job in, result out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    from autograder.grade import grade

    while True:
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        job = msgspec.msgpack.decode(data, type=Job)
        _limit_memory(job)
        graded = _never_raising(grade, job, place)
        try:
            pipe.send_bytes(msgspec.msgpack.encode(graded))
        except OSError:
            return


def _never_raising(grade: Callable[[Job, Place], Graded], job: Job, place: Place) -> Graded:
    """A fault of the grader's own is a row that says so, and not the end of the class."""
    from autograder.grade import not_run

    try:
        return grade(job, place)
    except Exception as error:
        assignment = nbformat.reads(job.assignment.decode("utf-8"), as_version=4)
        return Graded(
            not_run(job, assignment, f"the grader itself failed ({type(error).__name__}: {error})")
        )


def _die_with(parent: int) -> None:
    """Else a killed grader would leave workers, and their sandboxes, behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _limit_memory(job: Job) -> None:
    """What a submission makes the grader read must not take the machine down."""
    most = int((2 * job.limits.memory_mb + 4000) * (1 << 20))
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard == resource.RLIM_INFINITY or most < hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
