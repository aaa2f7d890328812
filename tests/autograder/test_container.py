"""Where bubblewrap is not to be had, a container keeps the same promises."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import course_utils
from autograder.course import Limits
from autograder.sandbox import bubblewrap, choice, container
from autograder.sandbox.kernel import Kernel, Run
from tests.autograder.processes import sleepers, wait_for

LIMITS = Limits(memory_mb=600, processes=60, cpu_seconds=60, file_mb=5, output_mb=0.2)
WITHHELD = ["course_utils.attacks", "course_utils.training.adversarial", "torchattacks"]
_NO_BUBBLEWRAP = (
    "from autograder.sandbox import bubblewrap; bubblewrap.why_not = lambda: 'not here'\n"
)


@pytest.fixture(scope="module")
def patched():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module", autouse=True)
def engine(patched, tmp_path_factory):
    """An engine that runs, and no bubblewrap."""
    forget()
    if container.why_not() is not None and shutil.which("podman") and shutil.which("runc"):
        # crun refuses the mixed control groups of some machines, runc takes them
        settings = tmp_path_factory.mktemp("podman") / "containers.conf"
        settings.write_text('[engine]\nruntime = "runc"\n')
        patched.setenv("CONTAINERS_CONF", str(settings))
        forget()
    if reason := container.why_not():
        pytest.skip(f"no containers here: {reason}")
    patched.setattr(bubblewrap, "why_not", lambda: "bubblewrap is not there")
    yield container._engine()[0]
    patched.undo()
    forget()


def forget() -> None:
    for known in (choice.kind, container.why_not, container._engine):
        known.cache_clear()


@pytest.fixture(scope="module")
def kernel(engine, tmp_path_factory):
    package = str(Path(course_utils.__file__).parent)
    subprocess.run([sys.executable, "-m", "compileall", "-q", package], check=True)
    secret = tmp_path_factory.mktemp("course")
    (secret / "gradebook.db").write_text("everybody's scores")
    with Kernel(LIMITS, show=[secret.parent], hide=[secret], withheld=WITHHELD) as kernel:
        kernel.secret = secret
        yield kernel


def says(kernel: Kernel, code: str, seconds: float = 60) -> str:
    run = kernel.run(code, seconds)
    assert run.status == "ok", (run.ename, run.evalue)
    return "".join(output.get("text", "") for output in run.outputs).strip()


def ended(code: str, seconds: float = 20, **limits: float) -> Run:
    with Kernel(Limits(**{**vars(LIMITS), **limits})) as kernel:
        return kernel.run(code, seconds)


def test_it_is_chosen(kernel):
    assert choice.kind() == choice.CONTAINER
    assert choice.why_not() is None


def test_there_is_no_network(kernel):
    run = kernel.run("import socket; socket.create_connection(('198.51.100.1', 80), timeout=5)", 20)
    assert "unreachable" in run.evalue


def test_every_privilege_is_gone(kernel):
    status = dict(
        line.split(":\t", 1)
        for line in says(kernel, "print(open('/proc/self/status').read())").splitlines()
        if ":\t" in line
    )
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert status["Uid"].split()[0] != "0"


def test_only_home_and_temporary_folders_can_be_written(kernel):
    code = """
import course_utils, os, sys
places = ["/", "/usr", "/etc", "/dev", "/run", "/var/tmp", "/sandbox", "/proc", sys.prefix,
          sys.base_prefix, os.path.dirname(course_utils.__file__), os.getcwd(), "/tmp", "/dev/shm"]
for place in places:
    try:
        open(os.path.join(place, "mine"), "w").close()
        print(place)
    except OSError:
        pass"""
    assert says(kernel, code).split() == ["/home/student", "/tmp", "/dev/shm"]


def test_what_is_hidden_is_not_there(kernel):
    run = kernel.run(f"import os; os.listdir({str(kernel.secret)!r})", 20)
    assert run.ename in ("PermissionError", "FileNotFoundError")
    assert kernel.run("import autograder", 20).ename == "ModuleNotFoundError"


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can look into a folder without permissions"
)
def test_what_covers_a_hidden_folder_holds_nothing(kernel):
    (inside,) = psutil.Process(kernel._provisioner.watcher._root).children()
    root = Path("/proc", str(inside.pid), "root")
    bytecode = Path(course_utils.__file__).parent / "training" / "__pycache__"
    assert kernel.secret.stat().st_mode & 0o777
    for folder in (kernel.secret, bytecode):
        assert list(root.joinpath(folder.relative_to("/")).iterdir()) == []


@pytest.mark.parametrize("name", WITHHELD)
def test_a_withheld_module_says_so(kernel, name):
    told = f"write it yourself: {name} is not available while this lab is graded"
    assert kernel.run(f"import {name}", 20).evalue == told


def test_the_environment_is_the_sandboxs_own(kernel):
    code = "import os; print(os.environ['HOME'], os.environ['NBGRADER_EXECUTION'], [n for n in os.environ if 'proxy' in n.lower()])"
    assert says(kernel, code) == "/home/student autograde []"


def test_the_line_reaches_the_boundary_package(kernel):
    says(kernel, "import boundary.student as s; s._line.sendall(b'through the wall')")
    assert kernel.line.recv(100) == b"through the wall"


def test_torch_runs(kernel):
    assert says(kernel, "import torch; print(float(torch.ones(3).sum()))") == "3.0"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("kept = []\nwhile True: kept.append(bytearray(10_000_000))", "600 MB of memory"),
        (
            "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            "started more than 60 processes and threads",
        ),
        ("import os; os._exit(0)", "ended the kernel itself"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault"),
    ],
)
def test_a_limit_that_is_hit_is_told(code, told):
    run = ended(code)
    assert run.status == "dead"
    assert told in run.evalue


def test_processor_time_has_an_end():
    run = ended("while True: pass", seconds=30, cpu_seconds=3)
    assert (run.status, run.limit) == ("dead", "used more than 3 s of processor time")


def test_nothing_lives_on_after_the_kernel():
    code = "import subprocess; subprocess.Popen(['setsid', 'sleep', '54321'])"
    with Kernel(LIMITS) as kernel:
        says(kernel, code)
        wait_for(lambda: sleepers(54321))
    assert not sleepers(54321)


def test_a_killed_grader_leaves_no_container_behind(engine):
    code = _NO_BUBBLEWRAP + (
        "import time; from autograder.course import Limits; from autograder.sandbox.kernel import Kernel\n"
        "with Kernel(Limits()) as kernel:\n"
        '    kernel.run(\'import subprocess; subprocess.Popen(["sleep", "54320"])\', 20)\n'
        "    print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == b"ready\n"
        wait_for(lambda: sleepers(54320))
        grader.send_signal(signal.SIGKILL)
    wait_for(lambda: not sleepers(54320))
    listing = [engine, "ps", "--all", "--format", "{{.Names}}"]
    wait_for(lambda: f"ag-{grader.pid}-" not in subprocess.check_output(listing, text=True))


def test_without_either_it_says_what_to_install(monkeypatch):
    forget()
    monkeypatch.setattr(container, "ENGINES", ())
    try:
        told = choice.why_not()
    finally:
        monkeypatch.undo()
        forget()
    assert told is not None
    assert "bubblewrap is not there" in told
    assert container.INSTALL in told
