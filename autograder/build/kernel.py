"""Runs a trusted notebook of the course in this interpreter's own kernel."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from math import ceil
from pathlib import Path
from subprocess import DEVNULL

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

from autograder.build.cells import BuildRefused, where


class _ThisInterpreter(AsyncKernelManager):
    """A kernel called python3 that somebody installed may be another Python without the course's packages."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3 (ipykernel)", language="python")


def run_notebook(
    notebook: NotebookNode, cell_seconds: float, stop_at_error: bool
) -> list[tuple[NotebookNode, float]]:
    """Fills in the outputs of a notebook; it runs in an empty folder that is removed afterwards.

    Args:
        notebook: changed in place, widget state included.
        cell_seconds: the longest that one cell may take.
        stop_at_error: whether an exception in a cell ends the run (else it becomes an output).

    Returns:
        Each code cell and the seconds that it took.

    Raises:
        BuildRefused: a cell took too long, the kernel died, or a cell failed under `stop_at_error`.
    """
    watch = _Watch()
    with tempfile.TemporaryDirectory(prefix="course-build-") as folder:
        client = _client(notebook, Path(folder), cell_seconds, watch)
        client.allow_errors = not stop_at_error
        try:
            # What the cells print comes back as outputs; this is only the kernel's own chatter.
            client.execute(env=_environment(Path(folder)), stdout=DEVNULL, stderr=DEVNULL)
        except CellExecutionError as error:
            raise BuildRefused(f"{watch.cell} failed: {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise BuildRefused(f"{watch.cell} ran for more than {cell_seconds:g} s") from None
        except DeadKernelError:
            raise BuildRefused(f"the kernel died while it ran {watch.cell}") from None
        except RuntimeError as error:  # nbclient's word for a kernel that does not answer
            raise BuildRefused(f"the kernel did not start ({error})") from None
    return watch.took


class _Watch:
    """Which cell is being run, and how long each one took."""

    def __init__(self) -> None:
        self.cell = "the first cell"
        self.took: list[tuple[NotebookNode, float]] = []
        self._began = 0.0

    def begins(self, cell: NotebookNode, **_: object) -> None:
        self.cell, self._began = where(cell), time.monotonic()

    def ends(self, cell: NotebookNode, **_: object) -> None:
        self.took.append((cell, time.monotonic() - self._began))


def _client(
    notebook: NotebookNode, folder: Path, cell_seconds: float, watch: _Watch
) -> NotebookClient:
    work = folder / "work"
    work.mkdir()
    client = NotebookClient(
        notebook,
        kernel_manager_class=_ThisInterpreter,
        config=_by_sockets_in(folder),
        startup_timeout=180,
        timeout=ceil(cell_seconds),
        record_timing=False,
        coalesce_streams=True,
        on_cell_execute=watch.begins,
        on_cell_executed=watch.ends,
        resources={"metadata": {"path": str(work)}},
    )
    client.log = logging.Logger("autograder.build.kernel", logging.CRITICAL)
    return client


def _environment(folder: Path) -> dict[str, str]:
    """The instructor's own IPython start-up files and history stay out of it; widgets print their
    figure, so that a built notebook shows it wherever it is read."""
    return {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "COURSE_WIDGETS": "off"}


def _by_sockets_in(folder: Path) -> Config:
    """Sockets in a private folder instead of ports on the loopback, where the system has them."""
    if sys.platform == "win32":
        return Config()
    return Config(
        KernelManager={"transport": "ipc", "connection_file": str(folder / "kernel.json")},
    )
