"""Accounts of this machine, made for a test and removed after it, and commands run as they run them."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PREFIX = "exch"  # then the number of the process that made the account
_TRIES = 60  # half a second each: another process may hold the password file


def why_not() -> str | None:
    """Why no accounts can be made here; None where they can."""
    if os.geteuid() != 0:
        return "only root can make accounts"
    for program in ("useradd", "userdel", "setpriv", "bwrap"):
        if shutil.which(program) is None:
            return f"{program} is not on this machine"
    return None


@dataclass(frozen=True)
class Account:
    """An account; `home` is readable by nobody else."""

    name: str
    home: Path

    def start(self, *command: object, cwd: Path | None = None, **environment: str):
        """The command as a process of this account's; `finish` waits for it."""
        bin_folder = Path(sys.executable).parent
        own = {
            "HOME": str(self.home),
            "USER": self.name,
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "PATH": f"{bin_folder}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        drop = ["setpriv", f"--reuid={self.name}", f"--regid={self.name}", "--init-groups"]
        settings = [f"{name}={value}" for name, value in own.items()]
        return subprocess.Popen(
            [*_opened(), *drop, "env", "-i", *settings, *map(str, command)],
            cwd=cwd or self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: object, cwd: Path | None = None, **environment: str) -> str:
        """What the command printed; it must succeed."""
        return finish(self.start(*command, cwd=cwd, **environment))


def finish(process: subprocess.Popen) -> str:
    """What a process printed; it must succeed."""
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


@contextlib.contextmanager
def accounts(*names: str) -> Iterator[tuple[Path, list[Account]]]:
    """A folder that everybody may enter, and accounts with their homes in it; all of it is removed again."""
    _remove_left_behind()
    place = Path(tempfile.mkdtemp(prefix="exchange-"))
    place.chmod(0o755)
    made = [Account(f"{_PREFIX}{os.getpid()}{name}", place / name) for name in names]
    try:
        for account in made:
            _patiently("useradd", "--create-home", "--home-dir", str(account.home), account.name)
            account.home.chmod(0o700)
        yield place, made
    finally:
        for account in made:
            _patiently("userdel", "--force", account.name, must=False)
        shutil.rmtree(place, ignore_errors=True)


def _patiently(*command: str, must: bool = True) -> None:
    """Again while another process holds the lock on the password file (exit status 1)."""
    for _ in range(_TRIES):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 1:
            break
        time.sleep(0.5)
    assert done.returncode == 0 or not must, done.stderr


def _remove_left_behind() -> None:
    """Accounts of a test process that was killed."""
    for one in pwd.getpwall():
        number = one.pw_name.removeprefix(_PREFIX).rstrip("abcdefghijklmnopqrstuvwxyz")
        if (
            one.pw_name.startswith(_PREFIX)
            and number.isdigit()
            and not Path("/proc", number).exists()
        ):
            _patiently("userdel", "--force", one.pw_name, must=False)


def _opened() -> Sequence[str]:
    """bubblewrap's words that let every account reach this Python and this project.

    They may lie in somebody's home folder, which others can't enter; only in the view of the command
    that is run, such a folder holds nothing but what is needed.
    """
    needed = {Path(sys.base_prefix).resolve(), Path(sys.prefix), ROOT}
    closed = {
        folder for path in needed for folder in path.parents if not folder.stat().st_mode & 0o001
    }
    outermost = {one for one in closed if not closed & set(one.parents)}
    words = []
    for folder in outermost:
        words += ["--tmpfs", str(folder)]
        for path in sorted(path for path in needed if folder in path.parents):
            between = [one for one in path.parents if folder in one.parents]
            for one in reversed(between):
                words += ["--perms", "0755", "--dir", str(one)]
            words += ["--ro-bind", str(path), str(path)]
    return ["bwrap", "--cap-add", "ALL", "--dev-bind", "/", "/", *words] if words else []
