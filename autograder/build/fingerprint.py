"""Whether something that was run would still come out the same: a hash of all that it was made from.

A notebook depends on its own text, on the rooms of course_utils that it imports (and the rooms that
those import), and on the trained weights and measured results that any of them names. Comments and
blank lines of the package don't count, so that a clearer comment doesn't run every lecture again.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course

_PACKAGE = "course_utils"


def fingerprint(course: Course, source: Path, *more: str) -> str:
    """sha256 of a percent source, the code it depends on and whatever else is given, in hexadecimal."""
    text = source.read_text(encoding="utf-8")
    package = _package(course)
    digest = hashlib.sha256()
    for part in (text, *more):
        digest.update(f"{len(part)}\n{part}".encode())
    code = [text]
    for path in _files_of(package, _closure(package, text)):
        lines = _code_lines(path)
        code.append(lines)
        digest.update(f"{path.relative_to(package).as_posix()}\n{len(lines)}\n{lines}".encode())
    data = course.home / "data"
    for kept in sorted([*data.glob("zoo/*.safetensors"), *data.glob("results/*.json")]):
        if any(kept.stem in part for part in code):
            digest.update(hashlib.sha256(kept.read_bytes()).digest())
    return digest.hexdigest()


def _package(course: Course) -> Path:
    if (course.home / _PACKAGE).is_dir():
        return course.home / _PACKAGE
    spec = importlib.util.find_spec(_PACKAGE)
    return Path(spec.origin).parent if spec and spec.origin else course.home / _PACKAGE


def _closure(package: Path, text: str) -> set[str]:
    """The rooms (top-level modules and sub-packages) that a text needs, directly or through others."""
    needed: set[str] = set()
    waiting = set(_rooms_named(package, text, ()))
    while waiting:
        room = waiting.pop()
        needed.add(room)
        for path in _files_of(package, {room}):
            here = path.relative_to(package).parent.parts
            waiting |= set(_rooms_named(package, path.read_text(encoding="utf-8"), here)) - needed
    return needed


def _rooms_named(package: Path, text: str, here: tuple[str, ...]) -> Iterator[str]:
    """Rooms that the imports in a module of the package, in the folder `here`, name."""
    rooms = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    for name in _imports(text, (_PACKAGE, *here)):
        parts = name.split(".")
        if parts[0] != _PACKAGE:
            continue
        if len(parts) == 1 and not here:  # `import course_utils`: any of it may be used
            yield from rooms - {"__pycache__", "_data"}
        elif len(parts) > 1 and parts[1] in rooms:
            yield parts[1]


def _imports(text: str, package: tuple[str, ...]) -> Iterator[str]:
    """Absolute names of what a text imports; IPython's magics are no Python and are passed over."""
    lines = ("" if line.lstrip()[:1] in ("%", "!") else line for line in text.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        yield _PACKAGE  # it can't be read, so it may need anything
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _files_of(package: Path, rooms: set[str]) -> list[Path]:
    """The modules of these rooms, and the package's own __init__."""
    found = {package / "__init__.py"} if rooms else set()
    for room in rooms:
        if (package / f"{room}.py").is_file():
            found.add(package / f"{room}.py")
        found |= set((package / room).rglob("*.py"))
    return sorted(path for path in found if path.is_file())


def _code_lines(path: Path) -> str:
    lines = (line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
