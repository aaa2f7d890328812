"""Notebooks run by the kernel of an environment made of Colab's packages (scripts/colab-environment).

Colab's own module, google.colab, is on no package index in Colab's version; an empty module of that
name, there before the first cell, is all that the course asks for.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

VARIABLE = "COURSE_COLAB_ENV"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
_FAKED = """\
import sys
import types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
# Every control of every widget, moved once; what it shows must be another figure or none the worse.
_MOVE = """\
import ipywidgets
def _moved():
    moved = 0
    for widget in list(ipywidgets.Widget.widgets.values()):
        if isinstance(widget, (ipywidgets.IntSlider, ipywidgets.FloatSlider)):
            up = widget.value + widget.step
            widget.value = up if up <= widget.max else widget.min
        elif isinstance(widget, ipywidgets.Checkbox):
            widget.value = not widget.value
        elif hasattr(widget, "options") and len(widget.options) > 1:
            widget.index = (widget.index + 1) % len(widget.options)
        else:
            continue
        moved += 1
    return moved
print("moved", _moved())"""


@dataclass
class Run:
    """What a notebook did: its outputs are in the notebook itself."""

    errors: list[str]
    notebook: NotebookNode
    moved: int = 0
    figures: int = field(init=False)
    views: int = field(init=False)

    def __post_init__(self) -> None:
        outputs = [out for cell in self.notebook.cells for out in cell.get("outputs", [])]
        self.views = sum(VIEW in out.get("data", {}) for out in outputs)
        state = self.notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        self.figures = sum(
            model["model_name"] == "HTMLModel" and "<img" in model["state"].get("value", "")
            for model in state.values()
        )


def colab_python() -> Path:
    """The environment's Python; skips the calling test where none is named."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"no Colab environment: {VARIABLE} names none (scripts/colab-environment)")
    return Path(named)


def overlay(colab: Path, folder: Path) -> Path:
    """The Python of an environment that sees Colab's packages and keeps to itself what is installed into it."""
    site = subprocess.run(
        [colab, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    subprocess.run([colab, "-m", "venv", "--without-pip", folder], check=True)
    own = next((folder / "lib").glob("python*/site-packages"))
    (own / "colab.pth").write_text(f"import site; site.addsitedir({site!r})\n")
    return folder / "bin" / "python"


def run_in_colab(python: Path, notebook: NotebookNode, move: bool = False, **variables: str) -> Run:
    """Runs a copy of a notebook in the environment's kernel, as Colab would, in an empty folder.

    Args:
        python: the environment's.
        move: move every control of its widgets once, in a cell of its own at the end.
        variables: of the kernel's environment.
    """
    notebook = nbformat.from_dict(notebook)
    if move:
        notebook.cells.append(nbformat.v4.new_code_cell(_MOVE))
    with tempfile.TemporaryDirectory(prefix="colab-") as folder:
        place = Path(folder)
        startup = place / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "colab.py").write_text(_FAKED)
        (place / "content").mkdir()
        client = NotebookClient(
            notebook,
            kernel_manager_class=_manager_of(python),
            config=Config(
                KernelManager={"transport": "ipc", "connection_file": str(place / "kernel.json")}
            ),
            startup_timeout=300,
            timeout=1800,
            allow_errors=True,
            resources={"metadata": {"path": str(place / "content")}},
        )
        client.execute(
            env=_environment(python, place / "ipython") | variables, stdout=DEVNULL, stderr=DEVNULL
        )
    run = Run(list(_errors(notebook)), notebook)
    if move:
        said = "".join(out.get("text", "") for out in notebook.cells[-1].outputs)
        run.moved = int(said.split()[1]) if said.startswith("moved") else 0
    return run


def pip_list(python: Path) -> dict[str, str]:
    """What is installed in the environment, name -> version."""
    ran = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("==") for line in ran.stdout.split())


def from_folder(address: str, folder: Path) -> dict[str, str]:
    """Variables that make git take what lies in `folder` for what lies at `address`."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def as_repository(folder: Path) -> Path:
    """The folder with everything in it committed to a branch `main`."""
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def _manager_of(python: Path) -> type[AsyncKernelManager]:
    class ColabKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    return ColabKernel


def _environment(python: Path, ipython: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COURSE_", "JUPYTER", "VIRTUAL_ENV", "MPL"))
    }
    return kept | {
        "IPYTHONDIR": str(ipython),
        "PATH": f"{python.parent}{os.pathsep}{kept.get('PATH', '')}",
        "OMP_NUM_THREADS": "1",
    }


def _errors(notebook: NotebookNode):
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {number}: {output.ename}: {output.evalue}"
