"""Grades a class on this machine: a few processes, one submission each at a time."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from multiprocessing.connection import wait

from autograder.place import cores
from autograder.results import Graded, Job, Place
from autograder.slot import TRIES, Slot, Task

__all__ = ["cores", "grade_all"]


def grade_all(jobs: Iterable[Job], workers: int, place: Place | None = None) -> Generator[Graded]:
    """Grades every job, `workers` at once, and gives the results as they come.

    A worker process that dies takes nobody else with it: its submission is tried once more, and
    then reported as not graded. Leaving the iterator early stops the workers.
    """
    new = (Task(job) for job in jobs)
    again: list[Task] = []
    pool: list[Slot] = []
    try:
        while True:
            while _has_free(pool, workers) and (task := again.pop() if again else next(new, None)):
                _free(pool, place or Place()).give(task)
            if not any(slot.task for slot in pool):
                return
            for slot in _heard(pool):
                graded = slot.take()
                if graded is not None:
                    yield graded
                    continue
                pool.remove(slot)
                task = slot.lost()
                if task.tries < TRIES:
                    again.append(task)
                else:
                    yield task.given_up()
    finally:
        for slot in pool:
            slot.stop()


def _has_free(pool: list[Slot], most: int) -> bool:
    return len(pool) < most or any(slot.task is None for slot in pool)


def _free(pool: list[Slot], place: Place) -> Slot:
    for slot in pool:
        if slot.task is None:
            return slot
    pool.append(Slot(place))
    return pool[-1]


def _heard(pool: list[Slot]) -> list[Slot]:
    """The busy slots that sent something, died, or are beyond their time."""
    busy = [slot for slot in pool if slot.task]
    ready = wait([slot.pipe for slot in busy], timeout=1.0)
    now = time.monotonic()
    return [slot for slot in busy if slot.pipe in ready or now > slot.deadline]
