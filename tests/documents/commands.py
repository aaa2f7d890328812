"""Commands that a page tells its reader to type: are there such programs, targets, options and files?

Nothing is run: each program's own description of itself is asked (click's, traitlets', the Makefile).
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from autograder.course import load_course
from tests.documents.links import tracked_files
from tests.documents.pages import Page

SHELL = ("bash", "sh", "console", "powershell", "")
_PLACEHOLDER = re.compile(r"\[?[A-Z][A-Z_.]*(\.\.\.|…)?\]?|…|\.\.\.")
_SEPARATORS = {"&&", "||", "|", ";", "&"}
# Programs of the system, whose options are not ours to know.
_SYSTEM = {
    *(
        "git",
        "cd",
        "export",
        "source",
        "mkdir",
        "cp",
        "mv",
        "ls",
        "chmod",
        "chown",
        "sudo",
        "unzip",
    ),
    *("apt-get", "adduser", "useradd", "groupadd", "brew", "winget", "wsl", "ulimit", "py", "id"),
    *(
        "jupyterhub",
        "nbgitpuller",
        "npm",
        "docker",
        "podman",
        "sbatch",
        "srun",
        "scancel",
        "kubectl",
    ),
    *("printf", "echo", "umask", "install", "rm", "su", "date", "chgrp", "usermod", "touch", "tar"),
}


@dataclass(frozen=True)
class Command:
    """What to type; `mentioned` where a sentence only names it (`autograder grade`)."""

    words: tuple[str, ...]
    line: int
    mentioned: bool = False


def faults(page: Page) -> Iterator[str]:
    """What is wrong with the commands in the page's blocks and between its backticks."""
    named = set(_labs_made_on(page))
    for command in commands(page):
        what = _fault(list(command.words), page.root, named)
        if what and not (command.mentioned and what.startswith("Missing argument")):
            yield f"{page.name}:{command.line}: `{' '.join(command.words)}`: {what}"


def commands(page: Page) -> Iterator[Command]:
    """Every command of shell blocks, and those of backticks that begin with one of our programs."""
    for code in page.code():
        if code.language is None:
            words = _split(code.text)
            if len(words) == 1 and len(words[0]) > 1 and _program(words[0][0]) in _OURS:
                yield Command(tuple(words[0]), code.line, mentioned=len(words[0]) == 2)
        elif code.language in SHELL:
            yield from _of_block(code.text, code.line, prompted=code.language == "console")


def _of_block(text: str, first: int, prompted: bool) -> Iterator[Command]:
    at = first
    for line in text.replace("\\\n", "\0").splitlines():
        shown = line.replace("\0", " ")
        if not prompted or shown.startswith("$ "):
            for words in _split(shown.removeprefix("$ ")):
                yield Command(tuple(words), at)
        at += 1 + line.count("\0")


def _split(line: str) -> list[list[str]]:
    """A line's commands: words without comments, redirections and variables set in front."""
    # Windows' paths are written with \, which would quote the next letter.
    line = re.sub(r"\.venv\\Scripts\\(\w)", r".venv/bin/\1", line)
    reader = shlex.shlex(line, posix=True, punctuation_chars="&|;<>")
    reader.whitespace_split = True
    try:
        words = list(reader)
    except ValueError:  # a quote that is never closed: prose, or nothing that a shell would take
        return [[line]] if line.strip() else []
    found: list[list[str]] = [[]]
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _SEPARATORS:
            found.append([])
        elif set(word) <= set("<>"):
            skip = True
        elif found[-1] or not re.fullmatch(r"[A-Z_]+=.*", word):
            found[-1].append(word)
    return [words for words in found if words]


def _program(word: str) -> str:
    return word.removeprefix(".venv/bin/")


def _fault(words: list[str], root: Path, named: set[str]) -> str | None:
    if words[0] == "sudo":
        words = [word for word in words[1:] if not word.startswith("-")] or ["sudo"]
    in_venv, program = words[0].startswith(".venv/bin/"), _program(words[0])
    if program in ("python", "python3") or re.fullmatch(r"python3\.1[123]", program):
        return _python(words[1:], root, named)
    if program in _OURS:
        return _OURS[program](words[1:], root, named)
    if in_venv and not list(entry_points(group="console_scripts", name=program)):
        return None if program == "activate" else f"nothing installs a program {program}"
    if "/" in program:
        return None if (root / program).is_file() else f"{program} is not there"
    return None if in_venv or program in _SYSTEM else f"no program {program} is known here"


def _autograder(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    import typer

    from autograder.cli import app

    words = [word.strip("[]") if not _PLACEHOLDER.fullmatch(word) else "X" for word in words]
    return _click(typer.main.get_command(app), words) or _labs(words, root, named)


def _labs(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    """Labs and formats that are named must be there."""
    from autograder.export import FORMATS

    course = load_course(root)
    for before, word in zip(["", *words], words, strict=False):
        known = {*course.labs, *named}
        if re.fullmatch(r"lab\d+_\w+", word) and word not in known and words[0] != "new":
            return f"there is no lab {word}"
        if before == "--format" and word not in {*FORMATS, "X"}:
            return f"there is no format {word}"
    return None


def _labs_made_on(page: Page) -> Iterator[str]:
    for command in commands(page):
        words = [_program(command.words[0]), *command.words[1:]]
        if words[:2] == ["autograder", "new"] and len(words) > 2:
            yield words[2]


def _click(command: Any, words: Sequence[str]) -> str | None:
    """What click's own parser says of these words; nothing is run."""
    if hasattr(command, "commands"):
        if not words:
            return None
        if words[0].startswith("-"):
            known = any(words[0] in one.opts for one in command.get_params(_context(command)))
            return None if known else f"no option {words[0]}"
        inner = command.get_command(_context(command), words[0])
        return _click(inner, words[1:]) if inner else f"no command {words[0]}"
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    for word in words:  # asked here as well: some commands swallow what they do not know
        if word.startswith("--") and word.split("=")[0] not in {*known, "--help", "--version"}:
            return f"no option {word}"
    try:
        command.make_context(command.name, list(words))
    except Exception as error:
        if getattr(error, "exit_code", 1) == 0:  # --help
            return None
        return error.format_message() if hasattr(error, "format_message") else str(error)
    return None


def _context(command: Any) -> Any:
    return command.context_class(command)


def _dask(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    found = {one.name: one for one in entry_points(group="dask_cli")}
    if words[0] not in found:
        return f"no command {words[0]}"
    return _click(found[words[0]].load(), words[1:])


def _make(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for word in words:
        name, sets, _ = word.partition("=")
        if sets and not re.search(rf"\b{re.escape(name)}\b", makefile) and name != "PYTHON":
            return f"the Makefile has no variable {name}"
        if not sets and not re.search(rf"^{re.escape(word)}:", makefile, re.MULTILINE):
            return f"the Makefile has no target {word}"
    return None


def _python(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    words = [word for word in words if word not in ("-3", "-u")]
    if not words or words[0] in ("-c", "--version"):
        return None
    if words[0] != "-m":
        return _script(root / words[0], words[1:])
    module = words[1]
    if module in _OURS:
        return _OURS[module](words[2:], root, named)
    file = root.joinpath(*module.split("."))
    if file.with_suffix(".py").is_file() or file.is_dir():
        return _script(
            file / "__main__.py" if file.is_dir() else file.with_suffix(".py"), words[2:]
        )
    return None if importlib.util.find_spec(module) else f"no module {module}"


def _script(file: Path, words: Sequence[str]) -> str | None:
    if not file.is_file():
        return f"{file.name} is not there"
    text = file.read_text(encoding="utf-8")
    options = [word.split("=")[0] for word in words if word.startswith("-")]
    return next((f"no option {one}" for one in options if f'"{one}"' not in text), None)


def _pip(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    """The extras that are asked for are the project's, and files are there."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for before, word in zip(["", *words], words, strict=False):
        if found := re.fullmatch(r"\.\[([\w,-]+)\]", word):
            for extra in found[1].split(","):
                if extra not in project["optional-dependencies"]:
                    return f"pyproject.toml has no extra {extra}"
        if before in ("-c", "-r") and not (root / word).is_file():
            return f"{word} is not there"
    return None


def _conda(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    environment = (root / "environment.yml").read_text(encoding="utf-8")
    name = re.search(r"^name: (\S+)", environment, re.MULTILINE)
    if words[:1] == ["activate"]:
        there = name and words[1:] == [name[1]]
        return None if there else "environment.yml gives it another name"
    if words[:2] in (["env", "create"], ["env", "update"]) and words[2:3] == ["-f"]:
        return None if (root / words[3]).is_file() else f"{words[3]} is not there"
    return f"unknown to this test: conda {' '.join(words)}"


def _jupyter(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    if not words or words[0].startswith("-"):
        return None
    found = list(entry_points(group="console_scripts", name=f"jupyter-{words[0]}"))
    if not found:
        return f"nothing installs jupyter {words[0]}"
    return _traits(getattr(found[0].load(), "__self__", None), words[1:])


def _nbgrader(words: Sequence[str], root: Path, named: set[str]) -> str | None:
    from nbgrader.apps import NbGraderApp

    return _traits(NbGraderApp, words)


def _traits(application: Any, words: Sequence[str]) -> str | None:
    """What an application of traitlets knows: subcommands, flags, aliases, settings of its classes."""
    if application is None:
        return None
    inside = application().subcommands
    if words and words[0] in inside:
        inner = inside[words[0]][0]
        return _traits(_imported(inner) if isinstance(inner, str) else inner, words[1:])
    if words and not words[0].startswith("-") and _only_subcommands(application):
        return f"no command {words[0]}"
    flags, aliases, settings = _known(application)
    for word in words:
        name = word.lstrip("-").split("=")[0]
        if word.startswith("-") and name not in {*flags, *aliases, *settings, "help", "version"}:
            return f"no option {word}"
    return None


def _only_subcommands(application: Any) -> bool:
    return application.__name__ in ("NbGraderApp", "JupyterApp", "ServerExtensionApp")


@cache
def _known(application: Any) -> tuple[set[str], set[str], set[str]]:
    made = application()
    classes = {*application.__mro__, *made.classes}
    if hasattr(made, "all_configurable_classes"):  # nbgrader's
        classes |= set(made.all_configurable_classes())
    settings = {
        f"{one.__name__}.{trait}"
        for one in classes
        if hasattr(one, "class_trait_names")
        for trait in one.class_trait_names(config=True)
    }
    return _names(made.flags), _names(made.aliases), settings


def _names(table: dict[Any, Any]) -> set[str]:
    """Long and short forms may share an entry."""
    return {name for key in table for name in ([key] if isinstance(key, str) else key)}


def _imported(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


_OURS: dict[str, Callable[[Sequence[str], Path, set[str]], str | None]] = {
    "autograder": _autograder,
    "make": _make,
    "nbgrader": _nbgrader,
    "jupyter": _jupyter,
    "dask": _dask,
    "conda": _conda,
    "pip": _pip,
}
_FIRST_FOLDERS = re.compile(r"[\w.-]+(/[\w.*…-]*)+")


def missing_files(page: Page) -> Iterator[str]:
    """Files of the project that backticks name and that are not there; LAB, NAME and * stand for any."""
    tracked = {one.relative_to(page.root.resolve()) for one in tracked_files(page.root.resolve())}
    tops = {one.parts[0] for one in tracked if len(one.parts) > 1}
    made = set(_labs_made_on(page))
    for code in page.code():
        name = code.text.strip()
        if code.language is not None or not _FIRST_FOLDERS.fullmatch(name):
            continue
        if name.split("/")[0] not in tops or made & set(re.split(r"[/.]", name)):
            continue
        pattern = re.sub(r"[A-Z]{2,}[A-Z_]*|…", "*", name.rstrip("/"))
        if not any(page.root.glob(pattern)):
            yield f"{page.name}:{code.line}: `{name}` is not there"
