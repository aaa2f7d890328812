"""The first program inside the sandbox: takes every privilege away, sets the limits, becomes the kernel.

    python inside.py SETTINGS-AS-JSON -f CONNECTION_FILE …

It runs with nothing but the standard library, since this package is not to be found in there.
`parent.py` takes the same steps in a process that has imported everything already.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import socket
import sys
from typing import Any

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 4, 38, 24
_CAPABILITY_VERSION = 0x20080522


def main() -> None:
    settings = json.loads(sys.argv[1])
    if os.getpid() == 1:
        _be_kept()
    give_up_everything(settings)
    become_kernel(settings, sys.argv[2:])


def give_up_everything(settings: dict[str, Any]) -> None:
    """Privileges, and what goes beyond the limits; there is no way back."""
    _be_first_to_go_when_memory_runs_out()
    if settings["uid"] is not None:
        become(settings["uid"])
    drop_capabilities()
    _set_limits(settings["limits"])


def become_kernel(settings: dict[str, Any], arguments: list[str]) -> None:
    """Runs ipykernel until it ends.

    Args:
        settings: with "line", where the socket to the checker is; "boundary", the folder that holds
            the package of that name; "fonts"; and "withheld", the modules that must not be imported
            where no wall keeps them away.
        arguments: of ipykernel's command line.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.connect(settings["line"])
    bring_fonts(settings["fonts"])
    sys.argv = ["ipykernel_launcher", *arguments]
    sys.path.append(settings["boundary"])
    if settings["withheld"]:
        sys.meta_path.insert(0, Withheld(settings["withheld"]))
    from boundary import student  # type: ignore[import-not-found]

    student.attach(line)
    settings.clear()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _be_kept() -> None:
    """A container has nobody else who ends everything with the grader, and says how the kernel ended."""
    sys.path.insert(0, os.path.dirname(__file__))
    import forkserver  # type: ignore[import-not-found]

    del sys.path[0]
    forkserver.keep_child(0, keep_memory_private)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def become(uid: int) -> None:
    """Another user, for good."""
    os.setgroups([])
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):  # while CAP_SETPCAP is still here
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities(kept: int = 0) -> None:
    """All but those whose bits are set in `kept`, and no program that is started wins any back."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if libc.capset(header, sets) != 0 or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SystemExit("the sandbox could not give its privileges up")


def keep_memory_private() -> None:
    """Nobody of the same user id may look into this process."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class Withheld:
    """Refuses to find some modules: for a run without walls, which keep them away better."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        for withheld in self._names:
            if name == withheld or name.startswith(f"{withheld}."):
                told = f"write it yourself: {withheld} is not available while this lab is graded"
                raise ImportError(told, name=name)


def _be_first_to_go_when_memory_runs_out() -> None:
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _set_limits(limits: dict[str, list[int]]) -> None:
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def bring_fonts(source: str | None) -> None:
    """matplotlib wants to write beside its list of fonts, and takes seconds to make a new one."""
    target = os.environ.get("MPLCONFIGDIR")
    if source and target and os.path.isfile(source):
        os.makedirs(target, exist_ok=True)
        shutil.copy(source, target)


if __name__ == "__main__":
    main()
