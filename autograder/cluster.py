"""Grades a class on a Dask cluster: bytes go out and bytes come back, and no disk is shared."""

from __future__ import annotations

import asyncio
import platform
import re
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import msgspec
from distributed import (
    Client,
    Future,
    KilledWorker,
    Reschedule,
    Worker,
    WorkerPlugin,
    get_worker,
    wait,
)
from distributed.comm import CommClosedError

from autograder.course import CourseError
from autograder.place import describe_place
from autograder.results import GRADER_VERSION, Graded, Job, Place
from autograder.sandbox import choice, places
from autograder.slot import TRIES, Slot, Task, not_graded
from autograder.store import course_utils_digest
from autograder.warm import parents

_CONNECT_SECONDS = 10
_WORKER_SECONDS = 60.0  # for the first worker to appear
_NO_WORKER_SECONDS = 600.0  # a cluster that grows and shrinks may be without any for a while
_LOOK_SECONDS = 2.0
_AHEAD = 2  # submissions sent for each that runs: the rest of a large class stays here
_ADDRESS = re.compile(r"((tcp|tls|ws|wss|ucx)://)?([^/:\s]+|\[[0-9a-fA-F:]+\]):\d+")
_LOST = (CancelledError, asyncio.CancelledError, CommClosedError, OSError)


class WorkerUnfit(Exception):
    """A worker that can't grade; the message says why and what to do."""


def grade_on_cluster(
    jobs: Iterable[Job],
    address: str,
    hide: Iterable[Path] = (),
    report: Callable[[str], None] = print,
) -> Generator[Graded]:
    """Grades every job on a cluster and gives the results as they come.

    A submission whose worker dies is run again on another, by Dask. One that keeps killing workers
    is tried once more when nothing else runs, and then reported as not graded. Leaving the iterator
    early stops what runs.

    Args:
        jobs: submissions of one lab.
        address: of the scheduler, as tcp://HOST:8786.
        hide: folders that no submission may see, should a worker be on a machine that has them.
        report: is told, a line at a time, what the user should know meanwhile.

    Raises:
        CourseError: no scheduler, no workers, or workers that can't grade.
    """
    with _connected(address, report) as client:
        plugin = f"autograder-{uuid.uuid4().hex}"
        with _prepared(client, address, plugin, [str(folder) for folder in hide]):
            run = _Run(client, address, plugin, report)
            try:
                yield from run.grade(map(Task, jobs))
            finally:
                run.cancel()


class _Run:
    """One class on one cluster."""

    def __init__(
        self, client: Client, address: str, plugin: str, report: Callable[[str], None]
    ) -> None:
        self._client, self._address, self._plugin = client, address, plugin
        self._report = report
        self._out: dict[Future, Task] = {}
        self._suspects: list[Task] = []
        self._alone_since = 0.0

    def grade(self, tasks: Iterator[Task]) -> Iterator[Graded]:
        more = True
        while more or self._out:
            while more and len(self._out) < self._room():
                task = _next(tasks)
                more = task is not None
                if task is not None:
                    self._send(task)
            yield from self._come_back()
        # whoever killed those workers has nobody beside him now that he could take along
        for task in self._suspects:
            self._send(task)
            while self._out:
                yield from self._come_back()

    def cancel(self) -> None:
        if self._out:
            self._client.cancel(list(self._out), force=True)

    def _send(self, task: Task) -> None:
        task.tries += 1
        data = msgspec.msgpack.encode(task.job)
        key = f"grade-{task.job.lab}-{uuid.uuid4().hex}"
        self._out[self._client.submit(grade_bytes, data, self._plugin, key=key)] = task

    def _room(self) -> int:
        threads = sum(self._client.nthreads().values())
        self._notice_no_workers(threads)
        return max(1, _AHEAD * threads)

    def _come_back(self) -> Iterator[Graded]:
        try:
            with self._client.as_current():
                done = wait(list(self._out), _LOOK_SECONDS, "FIRST_COMPLETED").done
        except TimeoutError:
            self._room()
            return
        for future in done:
            graded = self._taken(future, self._out.pop(future))
            if graded is not None:
                yield graded

    def _taken(self, future: Future, task: Task) -> Graded | None:
        """What came of it; None where it is to be tried once more."""
        if future.status == "finished":
            return msgspec.msgpack.decode(future.result(), type=Graded)
        if future.status != "error":
            raise CancelledError(f"a task was {future.status}")
        error = future.exception()
        if isinstance(error, WorkerUnfit | ImportError):
            raise CourseError(f"a worker of {self._address} can't grade: {error}")
        if not isinstance(error, KilledWorker):
            return not_graded(task.job, f"the cluster failed ({type(error).__name__}: {error})")
        if task.tries < TRIES:
            self._suspects.append(task)
            return None
        return not_graded(
            task.job, "every worker of the cluster that graded it died; grade it on one machine"
        )

    def _notice_no_workers(self, threads: int) -> None:
        now = time.monotonic()
        if threads:
            self._alone_since = 0.0
        elif not self._alone_since:
            self._alone_since = now
            self._report(f"the cluster at {self._address} has no workers left; waiting for some")
        elif now - self._alone_since > _NO_WORKER_SECONDS:
            raise CourseError(
                f"the cluster at {self._address} has had no workers for {_NO_WORKER_SECONDS / 60:g} minutes: "
                "start some, and run the command again (the results so far are kept)"
            )


def _next(tasks: Iterator[Task]) -> Task | None:
    try:
        return next(tasks, None)
    except OSError as error:  # this machine's, and not the cluster's
        raise CourseError(f"a submission can't be read: {error}") from None


def grade_bytes(data: bytes, plugin: str) -> bytes:
    """The task: a Job's bytes in, a Graded's out."""
    grader = get_worker().plugins[plugin]
    assert isinstance(grader, Grader)
    return msgspec.msgpack.encode(grader.grade(msgspec.msgpack.decode(data, type=Job)))


class Grader(WorkerPlugin):
    """What a worker process keeps from one submission to the next: its slots, and what it knows of its machine.

    Args:
        versions: of the machine that wants to have a class graded, as `versions_here` tells them.
        hide: folders that no submission may see.
    """

    def __init__(self, versions: dict[str, str], hide: list[str]) -> None:
        self._versions, self._hide = versions, hide

    async def setup(self, worker: Worker) -> None:
        self._name, self._scratch = worker.address, worker.local_directory
        self._lock = threading.Lock()
        self._slots: list[Slot] = []
        self._busy: set[int] = set()
        self._place: Place | None = None
        self._stack = ExitStack()
        self._over = False
        self._differs = _difference(self._versions)
        self._no_sandbox = await asyncio.to_thread(_why_no_sandbox)

    def teardown(self, worker: Worker) -> None:
        with self._lock:
            self._over = True
            for slot in self._slots:
                slot.process.kill()
                slot.process.wait()
            self._stack.close()

    def grade(self, job: Job) -> Graded:
        """Grades in one of this worker's slots; a slot that dies takes neither the worker nor its other tasks along.

        Raises:
            WorkerUnfit: this machine lacks something.
            Reschedule: the worker is told to go.
        """
        why = self._differs or ("" if job.trusted else self._no_sandbox)
        if why:
            raise WorkerUnfit(f"{self._name} {why}")
        task = Task(job)
        while task.tries < TRIES:
            slot = self._free_slot(job)
            graded = slot.finish(task)
            with self._lock:
                self._busy.discard(id(slot))
                if graded is not None:
                    return graded
                self._slots.remove(slot)
            slot.lost()
            if self._over:  # that is what ended it
                raise Reschedule()
        return task.given_up()

    def _free_slot(self, job: Job) -> Slot:
        with self._lock:
            if self._over:  # this worker goes, so another one shall do it
                raise Reschedule()
            if self._place is None:
                self._place = self._warm_place(job)
            for slot in self._slots:
                if id(slot) not in self._busy:
                    break
            else:
                slot = Slot(self._place)
                self._slots.append(slot)
            self._busy.add(id(slot))
            return slot

    def _warm_place(self, job: Job) -> Place:
        """This machine, and warm parents for the lab that the run is of."""
        # One thread a submission: other workers may be on this machine, and nobody knows how many.
        place = describe_place(1, [Path(self._scratch), *map(Path, self._hide)])
        return self._stack.enter_context(parents(place, job.limits, job.withheld, job.trusted))


def versions_here() -> dict[str, str]:
    """What has to be the same everywhere for a score to be the same everywhere."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "autograder": str(GRADER_VERSION),
        "course_utils": course_utils_digest()[:12],
        "torch": version("torch").partition("+")[0],
    }


def _difference(wanted: dict[str, str]) -> str:
    here = versions_here()
    for name, wants in wanted.items():
        if here[name] != wants:
            return f"has another {name} ({here[name]}, not {wants}): install the same there"
    return ""


def _why_no_sandbox() -> str:
    places.remove_left_folders()
    reason = choice.why_not()
    return f"has no sandbox: {reason}" if reason else ""


@contextmanager
def _connected(address: str, report: Callable[[str], None]) -> Iterator[Client]:
    client = _connect(address, report)
    try:
        try:
            client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError:
            raise CourseError(
                f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`"
            ) from None
        yield client
    except _LOST as error:
        raise CourseError(
            f"lost the Dask scheduler at {address} ({error or type(error).__name__}): see that it runs, and run "
            "the command again (the results so far are kept)"
        ) from None
    finally:
        client.close(timeout=5)


def _connect(address: str, report: Callable[[str], None]) -> Client:
    if not _ADDRESS.fullmatch(address):
        raise CourseError(
            f"{address!r} is no address of a Dask scheduler: give what it prints when it starts, as "
            "tcp://HOST:8786"
        )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, ImportError, TypeError) as error:
            raise CourseError(
                f"no Dask scheduler answers at {address} ({error}): start one with `dask scheduler`, "
                "and give the address that it prints, as tcp://HOST:8786"
            ) from None
    for warning in told:
        if warning.category.__name__ == "VersionMismatchWarning":
            report(str(warning.message))
    return client


@contextmanager
def _prepared(client: Client, address: str, plugin: str, hide: list[str]) -> Iterator[None]:
    """The grader on every worker, also on those that come later; taken away in the end."""
    try:
        try:
            client.register_plugin(Grader(versions_here(), hide), name=plugin)
        except Exception as error:  # whatever happened there, it is unpickled and raised here
            raise CourseError(
                f"a worker of {address} can't load the grader ({type(error).__name__}: {error}): install the "
                "course and its [grade] extra in the worker's environment"
            ) from None
        yield
    finally:
        _forget(client, plugin)


def _forget(client: Client, plugin: str) -> None:
    """Ends the slots; where the cluster is gone, they are too."""
    if client.status == "running":
        with suppress(Exception):
            client.unregister_worker_plugin(plugin)
