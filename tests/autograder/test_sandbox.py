"""What the sandbox promises: nothing to reach, nothing to keep, nothing without end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import zmq
from jupyter_client.manager import start_new_kernel

from autograder import warm
from autograder.course import Limits
from autograder.results import Place
from autograder.sandbox import allowance, bubblewrap, places, seccomp
from autograder.sandbox.kernel import Kernel, Run
from autograder.sandbox.provisioner import kernel_spec
from tests.autograder.processes import sleepers, wait_for

pytestmark = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
PROJECT = Path(__file__).parents[2]
LIMITS = Limits(
    cell_seconds=30, memory_mb=600, processes=60, cpu_seconds=60, file_mb=5, output_mb=0.2
)


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A file of the grader's that everybody on this machine may read."""
    path = tmp_path_factory.mktemp("course") / "gradebook.db"
    path.write_text("everybody's scores")
    path.chmod(0o644)
    return path


@pytest.fixture(scope="module", params=["cold", "warm"])
def start(request, secret):
    """Starts kernels, each by itself or forked from one warm parent; the promises are the same."""
    os.environ["A_TOKEN_OF_THE_GRADERS"] = "secret"
    place = Place(hide=(str(secret.parent),))
    try:
        with contextlib.ExitStack() as stack:
            if request.param == "warm":
                assert warm.why_not() is None
                place = stack.enter_context(warm.parents(place, LIMITS))
            yield partial(Kernel, hide=[secret.parent], parent=place.student_parent)
    finally:
        del os.environ["A_TOKEN_OF_THE_GRADERS"]


@pytest.fixture(scope="module")
def kernel(start):
    with start(LIMITS) as kernel:
        yield kernel


@pytest.fixture
def ended(start):
    """How a cell ends in a kernel of its own: a function of the cell, its seconds, other limits."""

    def run(code: str, seconds: float = 20, **limits: float) -> Run:
        with start(Limits(**{**vars(LIMITS), **limits})) as kernel:
            return kernel.run(code, seconds)

    return run


def says(kernel: Kernel, code: str, seconds: float = 20) -> str:
    """What a cell prints; it must end well."""
    run = kernel.run(code, seconds)
    assert run.status == "ok", (run.ename, run.evalue)
    return "".join(output.get("text", "") for output in run.outputs)


def test_there_is_no_network(kernel):
    run = kernel.run("import socket; socket.create_connection(('198.51.100.1', 80), timeout=5)", 20)
    assert run.status == "error"
    assert "unreachable" in run.evalue
    assert says(kernel, "print(*(name for _, name in socket.if_nameindex()))").split() == ["lo"]


def test_the_graders_files_are_not_there(kernel, secret):
    paths = [secret, PROJECT / "course.toml", PROJECT / "tests", PROJECT / "notebooks"]
    paths += [PROJECT / "autograder", Path("/etc/shadow"), Path("/root/.bashrc"), Path("/home")]
    code = f"""
import os
for path in {[str(path) for path in paths]!r}:
    found = os.listdir(path) if os.path.isdir(path) else os.path.exists(path)
    if found and found != ["student"]:
        print(path, found)"""
    assert says(kernel, code) == ""


def test_course_utils_is_there_and_the_grader_is_not(kernel):
    assert "course_utils" in says(kernel, "import course_utils; print(course_utils.__file__)")
    run = kernel.run("import autograder", 20)
    assert run.ename == "ModuleNotFoundError"


def test_only_home_and_temporary_folders_can_be_written(kernel):
    code = f"""
import course_utils, os, sys
places = ["/", "/usr", "/etc", "/dev", "/sandbox", "/proc", sys.prefix, sys.base_prefix,
          os.path.dirname(course_utils.__file__), {str(PROJECT)!r}]
for place in [*places, os.getcwd(), "/tmp", "/dev/shm"]:
    try:
        open(os.path.join(place, "mine"), "w").close()
        print(place)
    except OSError:
        pass"""
    assert says(kernel, code).split() == [allowance.HOME, "/tmp", "/dev/shm"]


def test_home_is_empty_and_private(kernel):
    code = "import os; print(os.getcwd(), os.environ['HOME'], os.listdir('/home'))"
    assert says(kernel, code).strip() == f"{allowance.HOME} {allowance.HOME} ['student']"


def test_every_privilege_is_gone(kernel):
    code = "import os; print(os.getuid(), os.geteuid(), os.getgroups()); print(open('/proc/self/status').read())"
    who, *lines = says(kernel, code).splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert not who.startswith("0 ")
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    assert status["Uid"].split()[0] != "0"


def test_nothing_can_be_won_back(kernel):
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
print(libc.setuid(0), libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
print(libc.chroot(b"/tmp"), libc.ptrace(0, 0, 0, 0), libc.syscall(250, 0, -3, 0))"""
    assert set(says(kernel, code).split()) == {"-1"}


@pytest.mark.skipif(seccomp.program() is None, reason="no filter for this machine")
def test_system_calls_are_filtered(kernel):
    assert "Seccomp:\t2" in says(kernel, "print(open('/proc/self/status').read())")


def test_other_processes_are_not_to_be_seen(kernel):
    code = "import os; print(len([name for name in os.listdir('/proc') if name.isdigit()]))"
    assert int(says(kernel, code)) <= 3


def test_the_environment_is_scrubbed(kernel):
    code = "import os; print('A_TOKEN_OF_THE_GRADERS' in os.environ, os.environ.get('HOME'))"
    assert says(kernel, code).split() == ["False", allowance.HOME]


def test_input_fails_at_once(kernel):
    assert kernel.run("input('your name?')", 20).ename == "StdinNotImplementedError"


def test_plots_are_pictures_and_show_does_not_wait(kernel):
    run = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", 30)
    assert run.status == "ok"
    assert any("image/png" in output.get("data", {}) for output in run.outputs)


def test_output_that_would_run_in_a_browser_is_dropped(kernel):
    code = (
        "from IPython.display import HTML, Javascript, display\n"
        "display(HTML('<script>1</script>'), Javascript('window'))"
    )
    kinds = {kind for output in kernel.run(code, 20).outputs for kind in output["data"]}
    assert kinds == {"text/plain"}


def test_an_endless_loop_is_interrupted_and_the_kernel_goes_on(kernel):
    kernel.run("kept = 7", 20)
    run = kernel.run("while True: pass", 1)
    assert (run.status, run.limit) == ("stopped", "ran longer than 1 s")
    assert says(kernel, "print(kept)").strip() == "7"


def test_a_file_has_a_largest_size(kernel):
    run = kernel.run("open('big', 'wb').write(bytes(6 << 20))", 20)
    assert "File too large" in run.evalue
    assert run.limit == "wrote a file of more than 5 MB"


@pytest.mark.parametrize("folder", [allowance.HOME, "/tmp", "/dev/shm"])
def test_the_disk_has_an_end(kernel, folder):
    code = f"""
import glob, os
try:
    for i in range(100):
        open(f"{folder}/part{{i}}", "wb").write(bytes(4 << 20))
finally:
    for path in glob.glob("{folder}/part*"):
        os.remove(path)"""
    run = kernel.run(code, 30)
    assert "No space left" in run.evalue
    assert run.limit == "filled the 5 MB of disk that it has"


def test_files_can_be_open_only_so_many(kernel):
    run = kernel.run("files = [open('/dev/null') for _ in range(3000)]", 20)
    kernel.run("del files", 20)
    assert "Too many open files" in run.evalue
    assert run.limit == "had more than 1024 files open"


def test_output_is_cut_to_its_size(kernel):
    run = kernel.run("for _ in range(50): print('x' * 1_000_000)", 30)
    assert run.output_cut
    assert len(json.dumps(run.outputs)) < 500_000


def test_more_memory_than_allowed_ends_it(ended):
    run = ended("kept = []\nwhile True: kept.append(bytearray(10_000_000))")
    assert (run.status, run.limit) == ("dead", "used more than 600 MB of memory")


def test_one_huge_allocation_is_a_memory_error(ended):
    run = ended("bytearray(10**11)")
    assert run.ename == "MemoryError"
    assert run.limit == "asked for more than its 600 MB of memory"


def test_a_tensor_that_is_too_large_is_told_as_well(ended):
    run = ended("import torch; torch.zeros(10**11)")
    assert run.limit == "asked for more than its 600 MB of memory"


def test_threads_end_where_processes_do(ended):
    code = "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,)).start()"
    assert ended(code).limit == "started more than 60 processes and threads"


def test_an_error_of_ones_own_is_no_limit(kernel):
    run = kernel.run("raise ValueError('5 files, no memory, 10 processes')", 20)
    assert (run.status, run.limit) == ("error", "")


def test_memory_is_counted_over_all_processes(ended):
    code = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1000)) * 250_000
        time.sleep(60)
time.sleep(60)"""
    assert ended(code).limit == "used more than 600 MB of memory"


def test_a_fork_bomb_is_stopped(ended):
    run = ended("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")
    assert (run.status, run.limit) == ("dead", "started more than 60 processes and threads")


def test_sandboxes_side_by_side_do_not_use_up_each_others_processes(ended, kernel):
    sleepers = "import threading, time\nfor _ in range(35): threading.Thread(target=time.sleep, args=(9,)).start()"
    assert kernel.run(sleepers, 20).status == "ok"
    assert ended(sleepers).status == "ok"
    says(kernel, "time.sleep(9)")


def test_processor_time_has_an_end(ended):
    run = ended("while True: pass", seconds=30, cpu_seconds=3)
    assert (run.status, run.limit) == ("dead", "used more than 3 s of processor time")


def test_a_loop_that_swallows_interrupts_is_killed(ended):
    code = """
import time
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException:
        pass"""
    run = ended(code, seconds=1)
    assert (run.status, run.limit) == ("dead", "ran longer than 1 s")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os; os._exit(0)", "ended the kernel itself"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "segmentation fault"),
    ],
)
def test_a_kernel_that_ends_says_how(ended, code, told):
    run = ended(code)
    assert run.status == "dead"
    assert told in run.evalue


def test_nothing_lives_on_after_the_kernel(start):
    code = """
import subprocess
subprocess.Popen("setsid sleep 98765 & disown", shell=True, executable="/bin/bash")"""
    with start(LIMITS) as kernel:
        kernel.run(code, 20)
        wait_for(lambda: sleepers(98765))
    wait_for(lambda: not sleepers(98765))


def test_a_killed_grader_leaves_no_sandbox_behind():
    code = (
        "import time; from autograder.course import Limits; from autograder.sandbox.kernel import Kernel\n"
        "with Kernel(Limits()) as kernel:\n"
        '    kernel.run(\'import subprocess; subprocess.Popen(["sleep", "87654"])\', 20)\n'
        "    print('ready', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == b"ready\n"
        wait_for(lambda: sleepers(87654))
        grader.send_signal(signal.SIGKILL)
    wait_for(lambda: not sleepers(87654))
    places.remove_left_folders()
    assert not list(Path("/tmp").glob(f"ag-{grader.pid}-*"))


def test_any_jupyter_program_gets_it_by_the_kernel_spec(tmp_path, monkeypatch):
    folder = tmp_path / "kernels" / "boxed"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernel_spec(LIMITS)))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    manager, client = start_new_kernel(kernel_name="boxed")
    try:
        reply = client.execute_interactive("import os; assert os.getcwd() == '/home/student'")
        assert reply["content"]["status"] == "ok"
        client.execute("kept = bytearray(10**6) * 800")
        wait_for(lambda: not manager.is_alive())
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


_AS_SOMEBODY = """
mkdir -p {own} && mount --bind {prefix} {own} && mount -t tmpfs -o mode=755 none /root
mkdir -p {prefix} && mount --bind {own} {prefix}
exec setpriv --reuid 12345 --regid 12345 --clear-groups --inh-caps=-all --bounding-set=-all \\
    env -i HOME=/nonexistent PATH=/usr/bin:/bin {python} -c {code}
"""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="the other tests have run as an ordinary user already"
)
@pytest.mark.parametrize("parent", ["''", "place.student_parent"])
def test_an_ordinary_user_gets_the_same_walls(tmp_path, parent):
    """As somebody who is not root, whom the interpreter in root's home is shown to."""
    code = """
import os
from autograder import warm
from autograder.course import Limits
from autograder.results import Place
from autograder.sandbox.kernel import Kernel
limits = Limits(processes=60)
assert os.getuid() == 12345
assert warm.why_not() is None, warm.why_not()
with warm.parents(Place(), limits) as place, Kernel(limits, parent={parent}) as kernel:
    for cell in ("open('/etc/passwd').read(); print(open('/proc/self/status').read())",
                 "open('/usr/mine', 'w')", "import socket; socket.create_connection(('198.51.100.1', 80), 3)",
                 "import os; [os.fork() for _ in range(100)]"):
        run = kernel.run(cell, 20)
        print(run.status, run.evalue, run.limit, "CapEff:\\\\t0000000000000000" in str(run.outputs))"""
    script = _AS_SOMEBODY.format(
        own=tmp_path / "python",
        prefix=sys.base_prefix,
        python=sys.executable,
        code=json.dumps(code.replace("{parent}", parent)).replace("\\n", "\n").replace("$", "\\$"),
    )
    if not sys.base_prefix.startswith("/root/"):
        script = "exec " + script.split("exec ", 1)[1]
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", script],
        capture_output=True,
        text=True,
        cwd="/",
        timeout=120,
    )
    if "Permission denied" in done.stderr and "CapEff" not in done.stdout and not done.stdout:
        pytest.skip(f"an ordinary user can't run this interpreter: {done.stderr.strip()[-200:]}")
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    assert lines[0] == "ok   True"
    assert "Read-only file system" in lines[1]
    assert "unreachable" in lines[2]
    assert lines[3].startswith("dead started more than 60 processes and threads")


GARBAGE = """
import os, threading, time

def write_on_everything():
    time.sleep({delay})
    for number in range(3, 256):
        try:
            os.set_blocking(number, False)
            os.write(number, b"\\xff" * 4096)
        except OSError:
            pass

threading.Thread(target=write_on_everything).start()
time.sleep({wait})
"""


@pytest.mark.parametrize(
    ("delay", "wait", "seconds"), [(0, 60, 2), (0.5, 0, 5)], ids=["in a cell", "between cells"]
)
def test_garbage_on_its_own_sockets_ends_a_kernel_and_not_the_grader(start, delay, wait, seconds):
    with start(LIMITS) as kernel:
        first = kernel.run(GARBAGE.format(delay=delay, wait=wait), seconds)
        time.sleep(2 * delay)
        last = kernel.run("1 + 1", seconds)
    assert first.status == ("dead" if wait else "ok")
    assert last.status == "dead"


def test_every_socket_that_hears_a_submission_holds_only_so_much(kernel):
    client = kernel._client
    for channel in (client.shell_channel, client.iopub_channel, client.control_channel):
        of = channel.socket.getsockopt
        assert 0 < of(zmq.MAXMSGSIZE) <= LIMITS.memory_mb * 1_000_000
        assert 0 < of(zmq.RCVHWM) <= 100
        assert 0 < of(zmq.SNDTIMEO) <= 10_000


def test_a_flood_of_large_messages_is_heard_to_its_end(kernel):
    flood = "import sys\nfor _ in range(40):\n    _ = sys.stdout.write('x' * 5_000_000); sys.stdout.flush()\nprint('end')"
    run = kernel.run(flood, 30)
    assert (run.status, run.output_cut) == ("ok", True)
    after = kernel.run("print('after')", 10)
    assert [output["text"] for output in after.outputs] == ["after\n"]
