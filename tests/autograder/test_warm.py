"""Warm parents: what they fork is as alone as what starts by itself, and gone when it should be."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from autograder import doctor, warm
from autograder.course import Limits
from autograder.results import Place
from autograder.sandbox import choice, forkserver
from autograder.sandbox.kernel import Kernel
from tests.autograder.processes import sleepers, wait_for

LIMITS = Limits(memory_mb=900, processes=60)
WITHHELD = ("course_utils.attacks", "course_utils.robustness", "torchattacks", "foolbox")
PROJECT = Path(__file__).parents[2]
needs_walls = pytest.mark.skipif(
    warm.why_not() is not None, reason=f"no forked sandboxes here: {warm.why_not()}"
)


# --- the fork server by itself ------------------------------------------------------------------

_PROGRAM = """
import os, subprocess, sys, time
from autograder.sandbox import choice, forkserver

def child_main(request, descriptors):
    if "write" in request:
        os.write(descriptors[0], request["write"].encode())
    if request.get("left_behind"):
        subprocess.Popen(["setsid", "sleep", request["left_behind"]])
    if request.get("wait"):
        time.sleep(60)
    if request.get("killed"):
        os.kill(os.getpid(), 9)
    if "status" in request:
        raise SystemExit(request["status"])

forkserver.serve(forkserver.inherited(int(sys.argv[1])), child_main)
"""


@pytest.fixture
def server(tmp_path):
    address = str(tmp_path / "s")
    with warm._listening(address) as listener:
        program = [sys.executable, "-c", _PROGRAM, str(listener.fileno())]
        process = warm._start(program, listener, tmp_path, dict(os.environ))
    with warm._ended_at_last(process):
        process.address = address
        yield process


def test_a_child_gets_the_request_and_the_files_and_gives_its_status(server):
    reading, writing = os.pipe()
    child = warm.ask(server.address, {"write": "heard", "status": 3}, [writing])
    os.close(writing)
    assert child.wait(20) == 3
    with open(reading, "rb") as pipe:
        assert pipe.read() == b"heard"


@pytest.mark.parametrize(
    ("request_", "status"), [({}, 0), ({"killed": True}, -9), ({"write": ""}, 1)]
)
def test_a_child_ends_as_a_process_does(server, request_, status):
    assert warm.ask(server.address, request_).wait(20) == status


def test_the_process_id_is_this_machines(server):
    child = warm.ask(server.address, {"wait": True})
    below = psutil.Process(child.pid)
    assert psutil.Process(server.pid) in below.parents()
    assert child.poll() is None
    child.kill()
    assert child.poll() == -signal.SIGKILL
    wait_for(lambda: not below.is_running())


def test_with_its_line_a_child_ends_and_all_it_started(server):
    child = warm.ask(server.address, {"left_behind": "76543", "wait": True})
    wait_for(lambda: sleepers(76543))
    child.close()
    assert not sleepers(76543)


def test_whoever_waits_hears_that_another_thread_ended_it(server):
    child = warm.ask(server.address, {"wait": True})
    heard = []
    threads = [threading.Thread(target=lambda: heard.append(child.wait(30))) for _ in range(3)]
    for thread in threads:
        thread.start()
    child.kill()
    for thread in threads:
        thread.join(10)
    assert heard == [-signal.SIGKILL] * 3


def test_waiting_for_a_child_has_an_end(server):
    with contextlib.closing(warm.ask(server.address, {"wait": True})) as child:
        with pytest.raises(TimeoutError, match="has not ended within"):
            child.wait(0.3)
        assert child.poll() is None


def test_what_a_child_leaves_behind_ends_with_it(server):
    assert warm.ask(server.address, {"left_behind": "76542"}).wait(20) == 0
    assert not sleepers(76542)


def test_children_end_with_whoever_asked_for_them(server):
    code = (
        "import sys, time; from autograder import warm\n"
        "child = warm.ask(sys.argv[1], {'left_behind': '76541', 'wait': True})\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, server.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as asker:
        assert asker.stdout is not None
        assert asker.stdout.readline()
        wait_for(lambda: sleepers(76541))
        asker.kill()
    wait_for(lambda: not sleepers(76541))


def test_children_end_with_their_parent(server):
    child = warm.ask(server.address, {"wait": True})
    server.kill()
    assert child.wait(20) == -signal.SIGKILL
    with pytest.raises(warm.NoParent):
        warm.ask(server.address, {})


def test_a_parent_ends_with_the_process_that_made_it(server):
    server.stdin.close()
    assert server.wait(20) == 0


def test_where_nobody_serves_it_says_so(tmp_path):
    with pytest.raises(warm.NoParent, match="no warm parent at"):
        warm.ask(str(tmp_path / "s"), {})


def test_nothing_is_forked_beside_another_thread(monkeypatch):
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="threads are running"):
            forkserver._be_single_threaded(patience=0.1)
    finally:
        done.set()
        thread.join()


# --- student kernels ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place():
    with warm.parents(Place(threads=2), LIMITS, WITHHELD) as place:
        yield place


@pytest.fixture
def pair(place):
    with (
        Kernel(LIMITS, parent=place.student_parent) as one,
        Kernel(LIMITS, parent=place.student_parent) as other,
    ):
        yield one, other


def says(kernel: Kernel, code: str, seconds: float = 60) -> str:
    run = kernel.run(code, seconds)
    assert run.status == "ok", (run.ename, run.evalue)
    return "".join(output.get("text", "") for output in run.outputs).strip()


@needs_walls
def test_everything_is_imported_already(place):
    with Kernel(LIMITS, parent=place.student_parent, threads=2) as kernel:
        code = "import sys; print(*(name in sys.modules for name in ('torch', 'torchvision', 'matplotlib.pyplot', 'ipywidgets', 'course_utils.check')))"
        assert set(says(kernel, code).split()) == {"True"}
        assert says(kernel, "import torch; print(torch.get_num_threads())") == "2"
        assert says(kernel, "print(float(torch.ones(500, 500).mm(torch.ones(500, 500)).sum()))")


@needs_walls
def test_kernels_side_by_side_see_nothing_of_each_other(pair):
    one, other = pair
    leave = """
import multiprocessing.shared_memory, os, pty, socket, subprocess
for place in ("/tmp", "/dev/shm", os.environ["HOME"]):
    open(f"{place}/left", "w").write("a secret of one's")
line = socket.socket(socket.AF_UNIX)
line.bind(chr(0) + "left")
line.listen()
port = socket.create_server(("127.0.0.1", 45678))
terminal = pty.openpty()
subprocess.Popen(["sleep", "65432"])"""
    look = """
import glob, os, socket, sys
for place in ("/tmp", "/dev/shm", os.environ["HOME"], "/sandbox/channels"):
    try:
        print([name for name in os.listdir(place) if name != ".ipython" and not sys.prefix.startswith(f"{place}/{name}/")])
    except PermissionError:
        print("[]")
print([name for name in os.listdir("/proc") if name.isdigit() and "65432" in open(f"/proc/{name}/cmdline").read()])
print([name for name in os.listdir("/dev/pts") if name.isdigit()])
print([line for line in open("/proc/net/unix") if "left" in line])
for kind, address in ((socket.AF_UNIX, chr(0) + "left"), (socket.AF_INET, ("127.0.0.1", 45678))):
    try:
        socket.socket(kind).connect(address)
        print("connected")
    except ConnectionRefusedError:
        pass"""
    says(one, leave)
    *seen, channels, process, terminal, abstract, line, port = says(one, look).split("\n")
    assert (seen, line, port) == (["['left']"] * 3, "connected", "connected")
    assert channels == "[]"
    assert "[]" not in (process, terminal, abstract)
    assert set(says(other, look).split("\n")) == {"[]"}


@needs_walls
def test_nothing_is_left_for_the_next_one(place):
    for _ in range(2):
        with Kernel(LIMITS, parent=place.student_parent) as kernel:
            # where the checkout itself lies below /tmp, it is seen there
            code = (
                "import os, sys, torch; "
                "print([name for name in os.listdir('/tmp') if not sys.prefix.startswith(f'/tmp/{name}/')], "
                "getattr(torch, 'left', None), os.environ.get('LEFT'))"
            )
            assert says(kernel, code) == "[] None None"
            says(kernel, "torch.left = os.environ['LEFT'] = '1'; open('/tmp/left', 'w').close()")


@needs_walls
def test_neither_kernels_nor_folders_are_left(place):
    with Kernel(LIMITS, parent=place.student_parent) as kernel:
        says(kernel, "import subprocess; subprocess.Popen(['setsid', 'sleep', '65431'])")
        wait_for(lambda: sleepers(65431))
    assert not sleepers(65431)
    assert not list(warm.channels_of(place.student_parent).iterdir())


@needs_walls
def test_what_keeps_the_kernel_can_not_be_touched_by_it(pair):
    kernel, _ = pair
    code = """
import os, signal
os.kill(os.getpid(), 0)
tries = [lambda: os.kill(1, signal.SIGKILL), lambda: open("/proc/1/mem", "r+b"),
         lambda: os.listdir("/proc/1/fd"), lambda: open("/proc/1/environ").read()]
for one in tries:
    try:
        one()
    except OSError as error:
        print(type(error).__name__)"""
    told = says(kernel, code).split()
    # as root's child a kernel may not even send the signal; as its own user's it is not delivered
    assert told[-3:] == ["PermissionError"] * 3
    assert kernel.alive
    assert says(kernel, "print(1)") == "1"


@needs_walls
def test_the_seeds_of_two_kernels_differ(pair):
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    assert says(pair[0], code) != says(pair[1], code)


@needs_walls
@pytest.mark.parametrize("parent", ["cold", "warm"])
def test_the_line_reaches_the_boundary_package(place, parent):
    address = place.student_parent if parent == "warm" else ""
    with Kernel(LIMITS, parent=address, withheld=WITHHELD) as kernel:
        says(kernel, "import boundary.student as s; s._line.sendall(b'through the wall')")
        assert kernel.line.recv(100) == b"through the wall"
        again = "import socket; socket.socket(socket.AF_UNIX).connect('/sandbox/k/line')"
        assert kernel.run(again, 20).ename == "FileNotFoundError"


@needs_walls
def test_a_kernel_starts_by_itself_where_the_parent_is_gone(tmp_path):
    with warm.parents(Place(), LIMITS) as place:
        gone = place.student_parent
    with Kernel(LIMITS, parent=gone) as kernel:
        assert says(kernel, "print(1)") == "1"


@needs_walls
def test_a_kernel_starts_by_itself_where_the_parent_was_killed():
    with warm.parents(Place(), LIMITS) as place:
        with Kernel(LIMITS, parent=place.student_parent) as kernel:
            assert says(kernel, "print(1)") == "1"
        for process in psutil.Process().children():
            if any(place.student_parent.rpartition("/")[0] in word for word in process.cmdline()):
                process.kill()
                process.wait()
        with pytest.raises(warm.NoParent):
            warm.ask(place.student_parent, {})
        with Kernel(LIMITS, parent=place.student_parent) as kernel:
            assert says(kernel, "print(1)") == "1"


def test_where_walls_can_not_be_divided_there_is_no_parent_and_the_doctor_says_so(monkeypatch):
    told = "each sandbox is made anew (no namespaces of its own)"
    monkeypatch.setattr(warm, "why_not", lambda imports=False: told)
    monkeypatch.setattr(choice, "why_not", lambda: None)
    monkeypatch.setattr(choice, "kind", lambda: choice.BUBBLEWRAP)
    with warm.parents(Place(), LIMITS) as place:
        assert place.student_parent == ""
    findings = {finding.what: finding for finding in doctor._sandbox()}
    assert findings["warm start"].state == doctor.OPTIONAL
    assert told in findings["warm start"].detail


@needs_walls
def test_parents_end_with_the_process_that_started_them():
    code = (
        "import time; from autograder import warm; from autograder.course import Limits\n"
        "from autograder.results import Place\n"
        "with warm.parents(Place(), Limits()) as place:\n"
        "    print(place.student_parent, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        address = owner.stdout.readline().decode().strip()
        wait_for(lambda: with_argument("/sandbox/program/parent.py"))
        mine = [
            process for process in with_argument("parent.py") if owner.pid in parents_of(process)
        ]
        assert mine
        owner.kill()
    wait_for(lambda: not any(process.is_running() for process in mine))
    with pytest.raises(warm.NoParent):
        warm.ask(address, {})


def test_without_walls_kernels_are_forked_as_well():
    with warm.parents(Place(), LIMITS, WITHHELD, trusted=True) as place:
        for _ in range(2):
            with Kernel(
                LIMITS, trusted=True, withheld=WITHHELD, parent=place.student_parent
            ) as kernel:
                assert says(kernel, "import sys; print('torch' in sys.modules)") == "True"
                assert "write it yourself" in kernel.run("import course_utils.attacks", 20).evalue
                code = "import os; print(os.listdir(os.environ['HOME'])); open('here', 'w').close()"
                assert "here" not in says(kernel, code)
                says(kernel, "import subprocess; subprocess.Popen(['setsid', 'sleep', '65430'])")
            assert not sleepers(65430)


# --- modules that are withheld ------------------------------------------------------------------


def phrase() -> str:
    """A line of the reference implementation that stands nowhere else."""
    source = (PROJECT / "course_utils" / "attacks" / "pgd.py").read_text()
    (line,) = re.findall(r'"""([^"\n]{30,60})', source)[:1]
    return line


@needs_walls
@pytest.mark.parametrize("parent", ["cold", "warm"])
@pytest.mark.parametrize("name", WITHHELD)
def test_a_withheld_module_says_so(place, parent, name):
    address = place.student_parent if parent == "warm" else ""
    with Kernel(LIMITS, parent=address, withheld=WITHHELD) as kernel:
        run = kernel.run(f"import {name}", 20)
        told = f"write it yourself: {name} is not available while this lab is graded"
        assert (run.ename, run.evalue) == ("ImportError", told)
        assert kernel.run(f"from {name}.pgd import PGD", 20).evalue == told


_SEARCH = """
import subprocess
kinds = [f"--include=*.{{kind}}" for kind in ("py", "pyc", "pyo", "ipynb", "json", "txt", "md", "so")]
print(subprocess.run(["grep", "-rlaF", *kinds, "--exclude-dir=proc", "--exclude-dir=torch", {phrase!r}, "/"],
                     capture_output=True, text=True).stdout)"""


@needs_walls
@pytest.mark.parametrize("parent", ["cold", "warm"])
def test_neither_source_nor_bytecode_of_a_withheld_module_can_be_read(place, parent):
    bytecode = [sys.executable, "-m", "compileall", "-q", str(PROJECT / "course_utils")]
    subprocess.run(bytecode, check=True)
    address = place.student_parent if parent == "warm" else ""
    search = _SEARCH.format(phrase=phrase())
    with Kernel(LIMITS, parent=address, withheld=WITHHELD) as kernel:
        assert says(kernel, search, 120) == ""
        beside = PROJECT / "course_utils" / "__pycache__" / "robustness.*"
        assert says(kernel, f"import glob; print(glob.glob({str(beside)!r}))") == "[]"


@needs_walls
def test_what_is_not_withheld_can_be_found_by_that_search():
    with Kernel(LIMITS) as kernel:
        assert "course_utils/attacks/pgd.py" in says(kernel, _SEARCH.format(phrase=phrase()), 120)


@needs_walls
@pytest.mark.skipif(os.geteuid() != 0, reason="a keeper lets nobody but root look into it")
def test_the_parent_never_held_a_withheld_module(place):
    with Kernel(LIMITS, parent=place.student_parent) as kernel:
        keeper = psutil.Process(kernel._provisioner.pid)
        assert memory_holds(
            keeper, b"What the notebooks of the course import."
        )  # finds what is there
        assert not memory_holds(keeper, phrase().encode())
        code = "import gc, types; print([f for f in gc.get_objects() if isinstance(f, types.FunctionType) and 'attacks' in (f.__module__ or '')])"
        assert says(kernel, code) == "[]"


def memory_holds(process: psutil.Process, word: bytes) -> bool:
    with (
        open(f"/proc/{process.pid}/maps") as maps,
        open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory,
    ):
        for line in maps:
            start, end = (int(number, 16) for number in line.split()[0].split("-"))
            if "rw" in line.split()[1]:
                memory.seek(start)
                with contextlib.suppress(OSError):
                    if word in memory.read(end - start):
                        return True
    return False


def parents_of(process: psutil.Process) -> list[int]:
    with contextlib.suppress(psutil.Error):
        return [parent.pid for parent in process.parents()]
    return []


def with_argument(word: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(word in argument for argument in process.info["cmdline"] or ()):
            found.append(process)
    return found
