"""A process that grades one submission at a time, so that whatever becomes of it stays there.

It is a program of its own and not a `multiprocessing` one: those run the caller's main program again,
which may be JupyterLab, and may not be started by a Dask worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

import msgspec
import nbformat

from autograder.results import Graded, Job, Place

TRIES = 2
_PR_SET_PDEATHSIG = 1
_decode_graded = msgspec.msgpack.Decoder(Graded).decode


@dataclass
class Task:
    job: Job
    tries: int = 0

    def given_up(self) -> Graded:
        """The result of a submission that no process came back from."""
        why = f"the process that graded it died {self.tries} times"
        return not_graded(self.job, f"{why}; grade again, and see `autograder doctor`")


def not_graded(job: Job, why: str) -> Graded:
    """A row that says why there is no score, through no fault of the submission's."""
    from autograder.grade import not_run

    assignment = nbformat.reads(job.assignment.decode("utf-8"), as_version=4)
    return Graded(not_run(job, assignment, why))


class Slot:
    """One process, and the submission that it is at."""

    def __init__(self, place: Place) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        with theirs:
            end = theirs.fileno()
            command = [sys.executable, "-P", "-m", "autograder.slot", str(end), str(os.getpid())]
            # a group of its own: Ctrl-C is for the grader, which then ends its slots
            self.process = subprocess.Popen(
                command, pass_fds=[end], stdin=subprocess.DEVNULL, process_group=0
            )
        self.task: Task | None = None
        self.deadline = 0.0
        self._send(place)

    def give(self, task: Task) -> None:
        self.task, task.tries = task, task.tries + 1
        limits = task.job.limits
        # Reading, restarts and stopping take time of their own; beyond this, something is wrong.
        self.deadline = time.monotonic() + 1.5 * limits.notebook_seconds + 300
        self._send(task.job)

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

    def finish(self, task: Task) -> Graded | None:
        """Gives it a submission and waits for what comes of it; None where it died or took too long."""
        self.give(task)
        self.pipe.poll(self.deadline - time.monotonic())
        return self.take()

    def lost(self) -> Task:
        """Ends it, and gives back the submission that it did not finish."""
        self.stop()
        assert self.task is not None
        task, self.task = self.task, None
        return task

    def stop(self) -> None:
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        self.pipe.close()

    def _send(self, message: Place | Job) -> None:
        with contextlib.suppress(OSError):  # where it is dead already, `take` finds out
            self.pipe.send_bytes(msgspec.msgpack.encode(message))


def main(end: int, parent: int) -> None:
    """A slot's life: the place, then job in, result out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    os.set_inheritable(end, False)
    pipe = Connection(end)
    with contextlib.suppress(EOFError, OSError):
        place = msgspec.msgpack.decode(pipe.recv_bytes(), type=Place)
        from autograder.grade import grade

        while True:
            job = msgspec.msgpack.decode(pipe.recv_bytes(), type=Job)
            _limit_memory(job)
            graded = _never_raising(grade, job, place)
            pipe.send_bytes(msgspec.msgpack.encode(graded))


def _never_raising(grade: Callable[[Job, Place], Graded], job: Job, place: Place) -> Graded:
    """A fault of the grader's own is a row that says so, and not the end of the class."""
    try:
        return grade(job, place)
    except Exception as error:
        return not_graded(job, f"the grader itself failed ({type(error).__name__}: {error})")


def _die_with(parent: int) -> None:
    """Else a killed grader would leave slots, and their sandboxes, behind."""
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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
