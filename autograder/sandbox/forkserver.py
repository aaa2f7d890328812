"""A process that has imported what is slow to import, and forks a child for whoever asks.

`serve` waits on a listening Unix socket (SOCK_SEQPACKET). A request is one message, JSON, with open
files beside it if need be; the connection that it came on is the child's life line: the child and
everything that it started end when it is closed, and the exit status comes back on it.

    asker                 parent                    keeper                  child
      connect, request →    fork →                    {"started": true}
                                                      fork →                  child_main(request, fds)
      ← {"started": true}  (keeper's process id: SCM_CREDENTIALS)
      ← {"status": 0}                                 waits, then ends

It needs nothing but the standard library. The parent must have one thread only: a fork copies none
of the others, and what they held locked stays locked for ever.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_MOST_BYTES, _MOST_FDS = 1 << 16, 16
ChildMain = Callable[[dict[str, Any], list[int]], None]
Step = Callable[[dict[str, Any]], None]


def inherited(descriptor: int) -> socket.socket:
    """The listening socket that this program was started with."""
    listener = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    return listener


def serve(
    listener: socket.socket,
    child_main: ChildMain,
    *,
    prepare: Step = lambda request: None,
    settle: Step = lambda request: None,
) -> None:
    """Forks a child a request, until standard input ends: with that, whoever started this is gone.

    Args:
        listener: bound and listening, as `inherited` gives it.
        child_main: what a child does, with the request and the descriptors that came with it; its
            return is exit status 0. All other descriptors above 2 are closed before.
        prepare: what a keeper does before it forks its child.
        settle: what a keeper does afterwards; it may give up what it needs no more.

    Raises:
        RuntimeError: this process has more than one thread.
    """
    _be_single_threaded()
    gc.collect()
    gc.freeze()  # a collection in a child must not copy every page of this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
    parent = os.getpid()
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    waiting.register(0, select.POLLIN | select.POLLHUP)
    while True:
        ready = [descriptor for descriptor, _ in waiting.poll()]
        if 0 in ready and not os.read(0, 100):
            return
        if listener.fileno() not in ready:
            continue
        line, _ = listener.accept()
        try:
            request, descriptors = _receive(line)
        except (OSError, ValueError):
            line.close()
            continue
        if os.fork() == 0:
            listener.close()
            _keep(line, request, descriptors, child_main, (prepare, settle), parent)
        line.close()
        for descriptor in descriptors:
            os.close(descriptor)


def keep_child(lifeline: int, settle: Callable[[], None]) -> None:
    """Forks, and returns in the child alone; this process keeps it until it or the life line ends.

    For the first process of a container, whom nobody else relieves of what is left behind.

    Args:
        lifeline: a descriptor on which nothing is ever said; everything ends when it is closed.
        settle: what the keeper does after the fork.
    """
    ears = _hear_of_children()
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        return
    settle()
    status = _wait(lifeline, ears, child)
    _end_all()
    os._exit(status if status >= 0 else 128 - status)


def die_with_parent(parent: int) -> None:
    """This process is killed when the one that forked it ends; at once where that is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _be_single_threaded(patience: float = 5.0) -> None:
    give_up = time.monotonic() + patience
    while len(names := os.listdir("/proc/self/task")) > 1:
        if time.monotonic() > give_up:
            raise RuntimeError(f"{len(names)} threads are running: a fork would lose all but one")
        time.sleep(0.05)


def _receive(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    line.settimeout(5)
    data, descriptors, flags, _ = socket.recv_fds(line, _MOST_BYTES, _MOST_FDS)
    line.settimeout(None)
    if not data or flags & socket.MSG_TRUNC:
        raise ValueError("no request, or one that is too long")
    return json.loads(data), descriptors


def _keep(
    line: socket.socket,
    request: dict[str, Any],
    descriptors: list[int],
    child_main: ChildMain,
    steps: tuple[Step, Step],
    parent: int,
) -> NoReturn:
    """The keeper: between the parent and the child, it holds the life line."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        die_with_parent(parent)
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        steps[0](request)
        ears = _hear_of_children()
        keeper = os.getpid()
        line.send(b'{"started": true}')
        child = os.fork()
        if child == 0:
            _be_child(request, descriptors, child_main, keeper)
        for descriptor in descriptors:
            os.close(descriptor)
        steps[1](request)
        status = _wait(line.fileno(), ears, child)
        _end_all()
        line.send(json.dumps({"status": status}).encode())
        code = 0
    except BaseException as error:
        with contextlib.suppress(OSError):
            line.send(json.dumps({"failed": f"{type(error).__name__}: {error}"[:2000]}).encode())
    finally:
        os._exit(code)


def _be_child(
    request: dict[str, Any], descriptors: list[int], child_main: ChildMain, keeper: int
) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        if keeper != 1:  # with the first process of a namespace, all of it ends
            die_with_parent(keeper)
        _close_all_but(descriptors)
        child_main(request, descriptors)
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        if isinstance(ending.code, str):
            print(ending.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _close_all_but(kept: list[int]) -> None:
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in kept:
            with contextlib.suppress(OSError):  # the one that the listing itself used
                os.close(descriptor)


def _hear_of_children() -> socket.socket:
    """A socket that can be read when a child has ended."""
    ears, mouth = socket.socketpair()
    ears.setblocking(False)
    mouth.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(mouth.detach(), warn_on_full_buffer=False)
    return ears


def _wait(lifeline: int, ears: socket.socket, child: int) -> int:
    """Until the child has ended, or nobody is interested any more; gives its status."""
    waiting = select.poll()
    waiting.register(lifeline, select.POLLIN | select.POLLHUP)
    waiting.register(ears, select.POLLIN)
    while True:
        ready = [descriptor for descriptor, _ in waiting.poll()]
        if lifeline in ready:
            return -signal.SIGKILL
        with contextlib.suppress(BlockingIOError):
            ears.recv(4096)
        for pid, status in _ended():
            if pid == child:
                return os.waitstatus_to_exitcode(status)


def _ended() -> list[tuple[int, int]]:
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (one := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append(one)
    return ended


def _end_all() -> None:
    """Ends the child and whatever it left behind, and waits until all of it is gone."""
    first = os.getpid() == 1
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in [-1] if first else _children():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            time.sleep(0.001)


def _children() -> list[int]:
    me, found = os.getpid(), []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # the name, in brackets, may itself hold spaces and brackets
            if int(file.read().rpartition(b")")[2].split()[1]) == me:
                found.append(int(name))
    return found
