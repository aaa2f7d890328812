"""The warm parent of student kernels: imports once, then forks each kernel into a sandbox of its own.

    python parent.py SETTINGS-AS-JSON

It runs inside the walls, knows nothing of the course that a submission may not know, and never runs
a submission's code. Each child divides the walls again: namespaces of its own, its own empty folders,
its own user where that is possible; then it does what `inside.py` does.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import fcntl
import importlib
import json
import os
import socket
import struct
import sys
from typing import Any

sys.path.insert(0, os.path.dirname(__file__))
import forkserver  # type: ignore[import-not-found]
import inside  # type: ignore[import-not-found]

del sys.path[0]

_NEW_NS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_READ_ONLY, _NO_SUID, _NO_DEV, _NO_EXEC, _REMOUNT, _BIND, _REC, _PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
_CAP_KILL = 1 << 5
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_IMPORTS = (
    *("torch", "numpy", "safetensors", "safetensors.torch", "matplotlib", "matplotlib.pyplot"),
    *("matplotlib.backends.backend_agg", "PIL.Image", "tqdm.auto", "ipywidgets", "msgspec"),
    *(f"course_utils.{room}" for room in ("data", "data.world", "models", "plots", "check")),
    *(f"course_utils.{room}" for room in ("device", "training", "robustness", "widgets")),
    # what a kernel imports only as it starts; the inline backend looks for its shell on import
    *("IPython", "IPython.display", "IPython.core.debugger", "IPython.core.pylabtools"),
    *("IPython.core.completerlib", "IPython.core.oinspect", "IPython.core.logger"),
    *("IPython.extensions.storemagic", "ipykernel.kernelapp", "ipykernel.ipkernel"),
    *("ipykernel.debugger", "tornado.platform.asyncio", "tornado.queues", "faulthandler"),
)


def main() -> None:
    settings = json.loads(sys.argv[1])
    listener = forkserver.inherited(settings["listener"])
    sys.argv = ["ipykernel_launcher"]
    inside.bring_fonts(settings["fonts"])
    sys.path.append(settings["boundary"])
    if settings["withheld"]:
        sys.meta_path.insert(0, inside.Withheld(settings["withheld"]))
    if settings["imports"]:
        _import_everything()
    sys.path.remove(settings["boundary"])
    walls = settings["walls"]
    forkserver.serve(
        listener,
        _be_student,
        prepare=_divide if walls else lambda request: None,
        settle=_settle if walls else lambda request: None,
    )


def _import_everything() -> None:
    with contextlib.suppress(Exception):
        importlib.import_module("course_utils._torchvision").ensure()
    for name in (*_IMPORTS, "boundary.student", "boundary.peer"):
        # what is withheld, or not installed, is for the submission to stumble over
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _divide(request: dict[str, Any]) -> None:
    """Goes on as the first process of namespaces that hold nothing of anybody else's."""
    kinds = _NEW_NS | _NEW_UTS | _NEW_IPC | _NEW_PID | _NEW_NET
    user, group = os.getuid(), os.getgid()
    if request["uid"] is None:
        kinds |= _NEW_USER
    _check(_libc().unshare(kinds), "no namespaces of its own")
    if request["uid"] is None:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    if os.fork():
        os._exit(0)
    _mount_own(request)
    _raise_loopback()


def _mount_own(request: dict[str, Any]) -> None:
    folder, safe = request["folder"], _NO_SUID | _NO_DEV
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount(f"{folder}/k", request["channel"], None, _BIND)
    if request["uid"] is not None:
        for name in ("passwd", "group"):
            _mount(f"{folder}/{name}", f"/etc/{name}", None, _BIND)
            _mount(None, f"/etc/{name}", None, _BIND | _REMOUNT | _READ_ONLY | safe)
    _mount("tmpfs", os.path.dirname(folder), "tmpfs", safe | _READ_ONLY, "size=4k,mode=0")
    room = f"size={request['room']},nr_inodes=50000,mode=1777"
    seen = {path: os.open(path, os.O_PATH) for path in request["below"] if os.path.exists(path)}
    for place in ("/tmp", "/dev/shm", os.environ["HOME"]):
        _mount("tmpfs", place, "tmpfs", safe, room)
    for path, descriptor in seen.items():  # a checkout below /tmp, with what is hidden in it
        _put_back(path, descriptor)
    terminals = "newinstance,ptmxmode=0666,mode=0620"
    _mount("devpts", "/dev/pts", "devpts", _NO_SUID | _NO_EXEC, terminals)
    _mount("proc", "/proc", "proc", safe | _NO_EXEC)


def _put_back(path: str, descriptor: int) -> None:
    if not os.path.exists(path):  # else it lies in one that is there again
        umask = os.umask(0o022)
        os.makedirs(path)
        os.umask(umask)
        _mount(f"/proc/self/fd/{descriptor}", path, None, _BIND | _REC)
    os.close(descriptor)


def _settle(request: dict[str, Any]) -> None:
    inside.drop_capabilities(kept=_CAP_KILL)
    inside.keep_memory_private()


def _be_student(request: dict[str, Any], descriptors: list[int]) -> None:
    """From the fork to the end of the kernel."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, target in ((nothing, 0), (nothing, 1), (descriptors[0], 2)):
        os.dup2(number, target)
    os.close(nothing)
    os.close(descriptors[0])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["home"])
    inside.give_up_everything(request)
    _filter_calls(request["filter"])
    if request.get("probe"):
        return
    _refresh(request["threads"])
    inside.become_kernel(request, request.pop("arguments"))


def _refresh(threads: int) -> None:
    """What imported modules took from the environment, or drew once, when they were imported."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None:
        torch.set_num_threads(threads)
    if numpy is not None:
        numpy.random.seed()


def _filter_calls(program: str | None) -> None:
    """bubblewrap would set it for the parent, which has to make namespaces."""
    if program is None:
        return
    steps = base64.b64decode(program)
    buffer = ctypes.create_string_buffer(steps, len(steps))
    packed = struct.pack("HxxxxxxQ", len(steps) // 8, ctypes.addressof(buffer))
    _check(
        _libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, packed, 0, 0),
        "the filter of system calls was refused",
    )


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", asked)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind, options)]
    failed = _libc().mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    _check(failed, f"{target} could not be mounted")


def _check(failed: int, what: str) -> None:
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
