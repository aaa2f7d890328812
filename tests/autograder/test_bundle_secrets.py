"""Every byte of the six labs' bundle: no solution, no hidden check, no bank, nothing of this machine."""

from __future__ import annotations

import base64
import json
import re
import socket
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from autograder.build import make_lab
from autograder.build.bundle import contents
from autograder.build.labs import LabNotebooks
from autograder.build.rules import regions
from autograder.course import load_course

PROJECT = Path(__file__).parents[2]
COURSE = load_course(PROJECT)
# A shorter line says nothing by itself.
TELLING = 24
# Figures with a text for those who can't see them are HTML that holds the picture.
_EMBEDDED = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")


@cache
def _lab(lab: str) -> LabNotebooks:
    return make_lab(COURSE, lab)


@cache
def texts() -> dict[str, str]:
    """Path in the bundle -> all that can be read there, the paths themselves among it.

    Of a notebook every string of its JSON, the pictures decoded; of any other file its bytes. What is
    neither (pictures, weights) can be read where six printable characters follow one another.
    """
    found = {}
    for path, content in contents(COURSE, list(COURSE.labs)):
        strings = _strings(json.loads(content)) if path.endswith(".ipynb") else [_read(content)]
        found[path] = "\n".join([path, *strings])
    return found


def _strings(value: object, kind: str = "") -> Iterator[str]:
    if isinstance(value, str):
        picture = kind.startswith("image/") and kind != "image/svg+xml"
        yield _read(base64.b64decode(value)) if picture else _EMBEDDED.sub(_decoded, value)
    elif isinstance(value, list):
        # nbformat splits long texts into lines.
        lines = all(isinstance(inner, str) for inner in value)
        yield from (
            _strings("".join(value), kind)
            if lines
            else (text for inner in value for text in _strings(inner))
        )
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner, key)


def _decoded(embedded: re.Match[str]) -> str:
    return _read(base64.b64decode(embedded[1]))


def _read(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return b"\n".join(re.findall(rb"[\t\n\r\x20-\x7e]{6,}", content)).decode("ascii")


def compact(text: str) -> str:
    return "".join(text.split())


@cache
def compact_texts() -> dict[str, str]:
    return {path: compact(text) for path, text in texts().items()}


def secret_regions(lab: str, kind: str) -> list[list[str]]:
    """The lines of each such region of a lab, without white space and comments."""
    return [
        [compact(line) for line in region if line.strip() and not line.lstrip().startswith("#")]
        for cell in _lab(lab).instructor.cells
        for region in regions(cell, kind)
    ]


@cache
def public_code() -> str:
    """What students may read anyway: the library that they are taught with, and the lectures."""
    return "\n".join(
        text for path, text in compact_texts().items() if not path.startswith("notebooks/labs/")
    )


def places_of(secret: str) -> list[str]:
    return [path for path, text in compact_texts().items() if secret in text]


@cache
def _visible() -> str:
    """The code that the labs show to students on purpose."""
    hidden = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS).*?### END \1", re.DOTALL)
    return compact(
        "\n".join(
            hidden.sub("", cell.source)
            for lab in COURSE.labs
            for cell in _lab(lab).instructor.cells
            if cell.cell_type == "code"
        )
    )


@pytest.mark.parametrize("lab", COURSE.labs)
def test_no_solution_and_no_model_answer_stands_in_it(lab):
    # The library's own functions, which a lab asks to write again, are there by design; no copy of a
    # solution is, and the labs' notebooks hold no telling line that the library and lectures don't.
    found = [*secret_regions(lab, "SOLUTION"), *secret_regions(lab, "MARK SCHEME")]
    assert len(found) >= 7
    taught = public_code()
    for region in found:
        if len("".join(region)) > 2 * TELLING:
            assert places_of("".join(region)) == []
        for line in region:
            if len(line) >= TELLING and line not in taught and line not in _visible():
                assert places_of(line) == []


@pytest.mark.parametrize("lab", COURSE.labs)
def test_no_hidden_check_stands_in_it(lab):
    found = secret_regions(lab, "HIDDEN TESTS")
    lines = _telling(line for region in found for line in region)
    assert len(lines) >= 10
    # `for transform in transforms:` is anybody's; three such lines in a row are a copy.
    blocks = _telling(
        "".join(region[i : i + 3]) for region in found for i in range(len(region) - 2)
    )
    alone = {
        line: where
        for line in lines
        if (where := [path for path in places_of(line) if not path.startswith("course_utils/")])
    }
    assert alone == {}
    assert {block: places_of(block) for block in blocks - lines if places_of(block)} == {}


def _telling(texts: Iterable[str]) -> set[str]:
    return {text for text in texts if len(text) >= TELLING and text not in _visible()}


def test_nothing_of_the_banks_stands_in_it():
    titles = {
        compact(line)
        for path in (PROJECT / "tests" / "banks").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("# %% ", '"""')) and len(compact(line)) >= TELLING
    }
    assert len(titles) >= 200
    everything = "\n".join(compact_texts().values())
    assert [title for title in titles if title in everything] == []


def test_nothing_of_the_grader_stands_in_it():
    names = (
        "autograder",
        "submitted/",
        "gradebook",
        "tests/banks",
        "BEGIN SOLUTION",
        "BEGIN HIDDEN",
        "BEGIN MARK",
    )
    found = {
        (path, name)
        for path, text in texts().items()
        for name in names
        if name.lower() in text.lower()
    }
    assert found == set()


def test_no_path_and_no_name_of_this_machine_stands_in_it():
    names = {str(PROJECT), str(Path.home()), sys.prefix, sys.base_prefix, str(Path.cwd())}
    names = {name for name in names if name.count("/") > 0 and name not in ("/", "/usr")}
    host = socket.gethostname()
    if len(host) > 7:  # a shorter one may be a word
        names.add(host)
    folders = [rf"{re.escape(name)}\b" for name in names]
    # Home folders, temporary folders and kernels' own, wherever the notebooks were run.
    folders += [
        r"/home/\w+",
        r"/Users/\w+",
        r"C:\\Users",
        r"/tmp/\w+",
        r"ipykernel_\d+",
        r"site-packages/",
    ]
    where = re.compile("|".join(folders))
    found = {path: match[0] for path, text in texts().items() if (match := where.search(text))}
    assert found == {}


def test_no_output_shows_a_traceback_or_a_warning():
    shown = {
        path: text
        for path, text in texts().items()
        if path.startswith("notebooks/") and re.search(r"Traceback \(most|Warning: ", text)
    }
    assert list(shown) == []
