"""The first program inside the sandbox: takes every privilege away, sets the limits, becomes the kernel.

    python inside.py SETTINGS-AS-JSON -f CONNECTION_FILE …

It runs with nothing but the standard library, since this package is not to be found in there.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import sys

_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 38, 24
_CAPABILITY_VERSION = 0x20080522


def main() -> None:
    settings = json.loads(sys.argv.pop(1))
    _be_first_to_go_when_memory_runs_out()
    if settings["uid"] is not None:
        _become(settings["uid"])
    _drop_capabilities()
    _set_limits(settings["limits"])
    _bring_fonts(settings.get("fonts"))
    sys.argv[0] = "ipykernel_launcher"
    sys.path[:] = [entry for entry in sys.path if entry != os.path.dirname(__file__)]
    del settings
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _be_first_to_go_when_memory_runs_out() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def _become(uid: int) -> None:
    os.setgroups([])
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):  # while CAP_SETPCAP is still here
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _drop_capabilities() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(header, nothing) != 0 or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SystemExit("the sandbox could not give its privileges up")


def _set_limits(limits: dict[str, list[int]]) -> None:
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def _bring_fonts(source: str | None) -> None:
    """matplotlib wants to write beside its list of fonts, and takes seconds to make a new one."""
    target = os.environ.get("MPLCONFIGDIR")
    if source and target and os.path.isfile(source):
        os.makedirs(target, exist_ok=True)
        shutil.copy(source, target)


if __name__ == "__main__":
    main()
