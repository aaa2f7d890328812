"""`autograder doctor`: what this machine has, what it lacks, and how to get that."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder import warm
from autograder.course import CourseError, load_course
from autograder.sandbox import allowance, bubblewrap, choice, container

FINE, MISSING, OPTIONAL = "ok", "MISSING", "optional"
_STYLES = {FINE: "green", MISSING: "bold red", OPTIONAL: "yellow"}
_DISTRIBUTION = "adversarial-selfsup-course"
_NEEDED_GB = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is "ok", "MISSING" (needed) or "optional" (something goes without)."""

    what: str
    state: str
    detail: str


def run_doctor(console: Console) -> bool:
    """Prints what was found.

    Returns:
        Whether everything needed for grading is there.
    """
    table = Table(title="autograder doctor", title_justify="left")
    table.add_column("what", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("detail", overflow="fold")
    found = list(examine())
    for finding in found:
        state = Text(finding.state, style=_STYLES[finding.state])
        table.add_row(Text(finding.what), state, Text(finding.detail))
    console.print(table)
    return all(finding.state != MISSING for finding in found)


def examine() -> Iterator[Finding]:
    """Everything that grading and the notebooks need, one finding each."""
    for look in (_python, _packages, _torch, _sandbox, _course, _disk, _nbgrader, _chromium):
        yield from _guarded(look)


def _guarded(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:  # a doctor that falls over tells nobody what is wrong
        name = look.__name__.strip("_")
        yield Finding(name, MISSING, f"could not be examined: {type(error).__name__}: {error}")


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    detail = f"{version} in {sys.prefix}"
    yield Finding(
        "Python", FINE if fine else MISSING, detail if fine else f"{detail}: use 3.11 to 3.13"
    )


def _packages() -> Iterator[Finding]:
    for extra, state, why in (
        ("", MISSING, "."),
        ("grade", MISSING, "'.[grade]'"),
        ("lab", OPTIONAL, "'.[lab]'"),
    ):
        lacking = [name for name in _requirements(extra) if not _installed(name)]
        what = f"packages [{extra}]" if extra else "packages"
        if lacking:
            yield Finding(what, state, f"without {', '.join(lacking)}: pip install -e {why}")
        else:
            yield Finding(what, FINE, f"{len(_requirements(extra))} installed")


def _requirements(extra: str) -> list[str]:
    """Names of what this package requires, or what one of its extras adds."""
    names = []
    for line in importlib.metadata.requires(_DISTRIBUTION) or []:
        wanted = re.search(r"extra\s*==\s*['\"](\w+)['\"]", line)
        if (wanted[1] if wanted else "") == extra:
            names.append(re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0])
    return names


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _torch() -> Iterator[Finding]:
    code = (
        "import torch; from course_utils import device; from course_utils._torchvision import ensure; "
        "ensure(); print(device.pick().type, '|', torch.__version__, '|', device.describe())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        yield Finding("torch", MISSING, f"does not import: {last}")
        return
    kind, version, device = done.stdout.strip().split(" | ", 2)
    yield Finding("torch", FINE, f"{version}: {device}")
    if kind == "cpu":
        yield Finding("GPU", OPTIONAL, "none that torch can use: everything runs on the processor")


def _sandbox() -> Iterator[Finding]:
    reason = choice.why_not()
    if reason:
        yield Finding("sandbox", MISSING, reason)
        return
    contained = choice.kind() == choice.CONTAINER
    uid = allowance.sandbox_uid()
    how = f"each submission as user {uid}" if uid is not None else "in user namespaces"
    how = "a container for each submission" if contained else how
    program = container.engine() if contained else "bwrap"
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    yield Finding("sandbox", FINE, f"{said} works here, {how}")
    if contained:
        detail = f"each container starts anew; bubblewrap would be quicker: {bubblewrap.INSTALL}"
        yield Finding("warm start", OPTIONAL, detail)
    elif cold := warm.why_not(imports=True):
        yield Finding("warm start", OPTIONAL, f"grading takes longer, since {cold}")
    else:
        yield Finding("warm start", FINE, "sandboxes are forked from one that has imported torch")


def _course() -> Iterator[Finding]:
    try:
        course = load_course()
    except CourseError as error:
        yield Finding("course.toml", MISSING, str(error))
        return
    yield Finding("course.toml", FINE, f"{course.title}: {', '.join(course.labs)}")
    for folder in (course.root, course.lab_sources):
        if folder.is_dir() and _others_can_enter(folder):
            detail = f"other accounts of this machine can read {folder}: where students have some, chmod 700 {course.home}"
            yield Finding("solutions", OPTIONAL, detail)
            break
    if not allowance.host_rlimits_allow(course.limits):
        detail = (
            f"this machine allows fewer than {course.limits.open_files} open files: see ulimit -n"
        )
        yield Finding("limits", OPTIONAL, detail)


def _others_can_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.resolve().parents))


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    detail = f"{free:.1f} GB free"
    enough = free > _NEEDED_GB
    yield Finding("disk", FINE if enough else MISSING, detail if enough else f"{detail}: make room")


def _nbgrader() -> Iterator[Finding]:
    """The formgrader and Validate are JupyterLab's; grading on the command line does without."""
    if importlib.util.find_spec("jupyterlab") is None:
        yield Finding(
            "formgrader", OPTIONAL, "JupyterLab is not installed: pip install -e '.[lab]'"
        )
        return
    command = [sys.executable, "-m", "jupyter", "server", "extension", "list"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    enabled = re.search(r"nbgrader\S*.*enabled", said) is not None
    labextension = Path(sys.prefix, "share/jupyter/labextensions/@jupyter/nbgrader/package.json")
    if not enabled:
        remedy = "jupyter server extension enable --sys-prefix --py nbgrader"
        yield Finding("formgrader", OPTIONAL, f"nbgrader's server extension is off: {remedy}")
    elif not labextension.is_file():
        remedy = "jupyter labextension develop --py nbgrader, or install nbgrader anew"
        yield Finding(
            "formgrader", OPTIONAL, f"nbgrader's JupyterLab extension is not there: {remedy}"
        )
    else:
        version = json.loads(labextension.read_text(encoding="utf-8")).get("version", "")
        yield Finding("formgrader", FINE, f"nbgrader {version} is enabled in JupyterLab")


def _chromium() -> Iterator[Finding]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        detail = "not found; only the browser tests need it: apt-get install chromium"
        yield Finding("Chromium", OPTIONAL, detail)
    elif not os.access(path, os.X_OK):
        yield Finding("Chromium", OPTIONAL, f"{path} can't be run")
    else:
        yield Finding("Chromium", FINE, path)
