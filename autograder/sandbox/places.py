"""What of this machine is to be seen in a sandbox, and what of that is covered again."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import shutil
import site
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
# No interpreter is worth showing all of one of these.
_TOO_MUCH = {Path(name) for name in ("/", "/home", "/root", "/etc", "/var", "/tmp", "/opt", "/srv")}


def visible(show: Iterable[Path] = ()) -> list[Path]:
    """The system's programs and libraries, the interpreter, the course's package, and `show`."""
    return [*_system(), *_python(), *_course_utils(), *show]


def _system() -> list[Path]:
    names = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]
    names += ["/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts"]
    return [Path(name) for name in names]


@functools.cache
def _python() -> tuple[Path, ...]:
    """The interpreter, its standard library and the installed packages."""
    prefixes = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)]
    hop = Path(sys.executable)
    for _ in range(10):  # a virtual environment's python is a chain of links
        prefixes.append(hop.parent.parent)
        if not hop.is_symlink():
            break
        hop = hop.parent / os.readlink(hop)
    packages = [Path(folder) for folder in site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        packages.append(Path(site.getusersitepackages()))
    found: list[Path] = []
    for path in (Path(os.path.normpath(path)) for path in (*prefixes, *packages)):
        covered = any(path == known or known in path.parents for known in (*found, Path("/usr")))
        if path.exists() and not covered and path not in _TOO_MUCH:
            found.append(path)
    return tuple(found)


@functools.cache
def _course_utils() -> tuple[Path, ...]:
    """The course's package, found without importing it (that would import torch), and its data."""
    spec = importlib.util.find_spec("course_utils")
    if spec is None or spec.origin is None:
        return ()
    package = Path(spec.origin).resolve().parent
    data = package.parent / "data"
    checkout = (package.parent / "pyproject.toml").is_file() and data.is_dir()
    return (package, data) if checkout else (package,)


def to_hide(hide: Iterable[Path], seen: Sequence[Path]) -> list[Path]:
    """Those folders of `hide`, and this package, that something in `seen` contains, as it shows them."""
    folders = {path.resolve() for path in (PACKAGE, *hide) if path.is_dir()}
    return sorted(place for path in folders for place in _shown_at(path, seen))


def to_withhold(names: Iterable[str], seen: Sequence[Path]) -> tuple[dict[Path, str], list[Path]]:
    """Where modules that must be absent are to be seen, found without importing one of them.

    Args:
        names: dotted names of modules and packages, installed or not.

    Returns:
        The name of each by the file or folder that holds its code; and the folders of bytecode
        beside those files, which would give it away as well.
    """
    code: dict[Path, str] = {}
    for name in names:
        *above, last = name.split(".")
        for folder in (root.joinpath(*above) for root in _roots(name)):
            found = [folder / last] if (folder / last).is_dir() else []
            found += [path for path in folder.glob(f"{last}.*") if path.is_file()]
            code |= {place: name for path in found for place in _shown_at(path, seen)}
    caches = {path.parent / "__pycache__" for path in code if _leaves_bytecode(path)}
    for cache in caches:
        with contextlib.suppress(
            OSError
        ):  # else it may be made, and filled, while it is looked for
            cache.mkdir(exist_ok=True)
    return code, sorted(cache for cache in caches if cache.is_dir())


def _leaves_bytecode(code: Path) -> bool:
    """Whether the folder of bytecode beside it holds its own: a package's holds that of the module
    which the package may have been in an earlier version."""
    return code.suffix == ".py" or any(code.parent.glob(f"__pycache__/{code.name}.*.pyc"))


def _shown_at(path: Path, seen: Sequence[Path]) -> set[Path]:
    real = [(place, place.resolve()) for place in seen if place.is_dir()]
    return {
        place / path.relative_to(within) for place, within in real if path.is_relative_to(within)
    }


def _roots(name: str) -> set[Path]:
    """Every folder that `name`, or the package that it is in, may be imported from."""
    roots = {Path(entry).resolve() for entry in sys.path if entry and Path(entry).is_dir()}
    spec = importlib.util.find_spec(name.split(".")[0])
    if spec is not None:  # an editable installation is on no path
        places = [*(spec.submodule_search_locations or ()), *filter(None, [spec.origin])]
        roots |= {Path(place).resolve().parent for place in places[:1]}
    return roots


def stub(name: str) -> str:
    """What stands in for a withheld module."""
    told = f"write it yourself: {name} is not available while this lab is graded"
    return f"raise ImportError({told!r}, name={name!r})\n"


def make_folder(within: Path | None = None) -> Path:
    """A new folder of the host's for one sandbox; its name is short, as socket names must be."""
    if within is not None:
        return Path(tempfile.mkdtemp(prefix="", dir=within))
    place = tempfile.gettempdir()
    if len(place) > 40:
        place = "/tmp"
    return Path(tempfile.mkdtemp(prefix=f"ag-{os.getpid()}-", dir=place))


def remove_left_folders() -> None:
    """Clears what a grader that was killed left in the temporary folder."""
    for place in {tempfile.gettempdir(), "/tmp"}:
        for folder in Path(place).glob("ag-*-*"):
            pid = folder.name.split("-")[1]
            if pid.isdigit() and not Path("/proc", pid).exists():
                shutil.rmtree(folder, ignore_errors=True)
