"""A submission run as stock nbgrader runs it: its own cells and the checks in one kernel, no sandbox.

Some submissions of the hostile bank fool checks that run beside them. That they do is tested here,
with nbgrader's own reading of the outputs; only those are run that harm nothing but their own process.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Collection
from pathlib import Path

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.utils import determine_grade

from autograder.build.cells import grade_id, is_test, nbgrader
from autograder.flags import own_code
from autograder.restore import restore
from autograder.sandbox.outputs import Outputs
from tests.labs.harness import imports_of

_SECONDS = 60
_WARM = ["ipykernel.kernelapp", "course_utils.check", "course_utils.models", __name__]


def earned(
    data: bytes, assignment: NotebookNode, checks: Collection[str], folder: Path
) -> dict[str, float]:
    """The points that nbgrader gives for `checks` (grade_ids) where everything runs in one kernel.

    Args:
        folder: the kernel's working folder.
    """
    submission = nbformat.reads(data.decode("utf-8"), as_version=4)
    restored = restore(submission, assignment, "lab").notebook
    own = {source for _, source in own_code(restored, assignment)}
    locked = [cell for cell in assignment.cells if not nbgrader(cell)]
    imports = imports_of(cell.source for cell in locked if cell.cell_type == "code")
    points = {}
    with _Kernel(folder) as kernel:
        kernel.outputs_of(imports)
        for cell in restored.cells:
            if cell.source in own:
                kernel.outputs_of(cell.source)
            elif is_test(cell) and grade_id(cell) in checks:
                cell.outputs = kernel.outputs_of(cell.source)
                points[grade_id(cell)] = determine_grade(cell)[0] or 0.0
    return points


class _Kernel:
    """An ordinary kernel, forked from a process that has imported torch already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> _Kernel:
        file, settings = write_connection_file(str(self._folder / "kernel.json"))
        servers = multiprocessing.get_context("forkserver")
        servers.set_forkserver_preload(_WARM)
        self._process = servers.Process(target=_serve, args=(file, str(self._folder)), daemon=True)
        self._process.start()
        self._client = BlockingKernelClient(connection_file=file)
        self._client.load_connection_info(settings)
        self._client.start_channels(hb=False, stdin=False)
        self._client.wait_for_ready(timeout=_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._process.kill()
        self._process.join()

    def outputs_of(self, code: str) -> list[NotebookNode]:
        """As nbclient collects them: until the kernel says that it is done with this cell."""
        sent = self._client.execute(code, allow_stdin=False)
        outputs, until = Outputs(4), time.monotonic() + _SECONDS
        while time.monotonic() < until:
            message = self._client.get_iopub_msg(timeout=_SECONDS)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["content"].get("execution_state") == "idle":
                break
            outputs.take(message["msg_type"], message["content"])
        return [from_dict(output) for output in outputs.finished()]


def _serve(file: str, folder: str) -> None:
    os.chdir(folder)
    for stream in (1, 2):  # what a kernel says of itself
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance(argv=["-f", file])
