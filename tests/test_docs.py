"""Every link, badge, picture, command and setting in the project's pages leads to something that is there."""

from __future__ import annotations

import ast
import os
import re
import shutil
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build, release
from autograder.build.colab import head
from autograder.course import CourseError, course_of, load_course
from tests.autograder.tiny import LAB, copy_course, quiet
from tests.documents import commands, links
from tests.documents.pages import Page, read_page, slugs

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in links.tracked_files(ROOT)
    if path.suffix == ".md" and path.is_file()
)
NOTEBOOKS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("lectures/*.ipynb", "labs/*.ipynb", "source/*/*.py")
    for path in (ROOT / "notebooks").glob(pattern)
)
SETTINGS = {"course", "limits", "late", "feedback", "labs"}


@pytest.fixture(params=PAGES)
def page(request) -> Page:
    return read_page(ROOT / request.param, ROOT)


def test_links_badges_and_pictures_lead_somewhere(page):
    assert list(links.faults(page)) == []


def test_commands_exist_with_their_options(page):
    assert list(commands.faults(page)) == []


def test_files_between_backticks_are_there(page):
    assert list(commands.missing_files(page)) == []


def test_settings_and_python_are_accepted(page):
    assert list(block_faults(page)) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_links_in_notebooks_lead_somewhere(name):
    assert list(links.faults(read_page(ROOT / name, ROOT))) == []


def test_the_pages_that_people_start_from_are_among_them():
    assert {"README.md", "docs/student.md", "docs/instructor.md"} <= set(PAGES)
    assert len(NOTEBOOKS) == 24


def test_every_page_can_be_reached_from_the_readme():
    reached, todo = set(), ["README.md"]
    while todo:
        name = todo.pop()
        reached.add(name)
        found = read_page(ROOT / name, ROOT)
        for link in found.links():
            path = (found.path.parent / link.target.split("#")[0]).resolve()
            if path.suffix == ".md" and path.is_file():
                inner = path.relative_to(ROOT).as_posix()
                todo += [inner] if inner not in reached else []
    docs = {name for name in PAGES if name.startswith("docs/")}
    assert docs - reached == set()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """What students get, with the course's own pages in it."""
    home = tmp_path_factory.mktemp("docs")
    course = copy_course(home / "course")
    shutil.copytree(ROOT / "docs", course.home / "docs")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, course.home)
    assert build(course, report=quiet).ok
    folder = release(course, [LAB], home / "bundle", quiet)
    for kind in ("lectures", "labs"):  # the pages are those of the course: so are its notebooks
        shutil.copytree(ROOT / "notebooks" / kind, folder / "notebooks" / kind, dirs_exist_ok=True)
    return folder


def test_links_and_commands_of_the_bundle_hold_in_the_bundle(bundle):
    pages = [read_page(path, bundle) for path in (bundle / "README.md", *bundle.glob("docs/*.md"))]
    assert {"README.md", "docs/student.md"} <= {page.name for page in pages}
    for page in pages:
        assert list(links.faults(page)) == []
    readme = Page(ROOT / "README.md", ROOT, pages[0].text)  # its commands are those of the project
    assert list(commands.faults(readme)) == []


def test_the_badge_that_the_build_writes_is_one_of_ours(tmp_path):
    course = copy_course(tmp_path / "course")
    notebook = course.lab_notebooks / f"{LAB}.ipynb"
    notebook.parent.mkdir(parents=True, exist_ok=True)
    notebook.touch()
    badge = next(cell.source for cell in badge_cells(course, notebook))
    page = Page(course.home / f"notebooks/labs/{LAB}.ipynb", course.home, badge)
    assert list(links.faults(page)) == []
    assert [link.around.count(course.repository) for link in page.links() if link.picture] == [1]


def badge_cells(course: Any, notebook: Path) -> Iterator[Any]:
    cells = head(course, notebook)
    return (cell for cell in cells if "colab-badge" in cell.source)


def block_faults(page: Page) -> Iterator[str]:
    """TOML that does not parse or that course.toml would not take; Python that does not compile."""
    for code in page.code():
        try:
            if code.language == "toml":
                _take(tomllib.loads(code.text))
            elif code.language == "python":
                ast.parse(code.text.replace("…", "..."))
        except (tomllib.TOMLDecodeError, CourseError, SyntaxError) as error:
            yield f"{page.name}:{code.line}: {error}"


def _take(settings: dict[str, Any]) -> None:
    """Settings of an example, over those of the course."""
    if not set(settings) & SETTINGS:
        return
    with (ROOT / "course.toml").open("rb") as file:
        ours = tomllib.load(file)
    for lab in settings.get("labs", {}).values():
        if isinstance(lab, dict) and "extensions" in lab:
            lab.setdefault("deadline", datetime(2026, 12, 13))
    course_of({**ours, **settings}, ROOT / "course.toml")


def test_messages_that_students_look_up_are_those_that_they_see():
    """Of the tables by symptom: what our programs say is said there in their words."""
    text = (ROOT / "docs" / "student.md").read_text(encoding="utf-8")
    sections = text.partition("### Doing a lab")[2]
    cells = re.findall(r"^\| (.+?) \|", sections, re.MULTILINE)
    quoted = [piece for cell in cells for piece in re.findall(r"`([^`]+)`", cell)]
    assert len(quoted) > 25
    assert [piece for piece in quoted if not is_said(piece)] == []


@pytest.mark.parametrize("never", ["your code is fine", "ran longer than 30 days"])
def test_a_message_that_nothing_says_is_noticed(never):
    assert not is_said(never)


# What Jupyter and Python say.
THEIRS = {"NameError", "[*]", "Kernel Restarting", "Error displaying widget"}


def is_said(message: str) -> bool:
    """Whether each part of it, between what differs from time to time, stands in a string of ours."""
    parts = [part.strip(" `") for part in re.split(r"…|\d+", message)]
    return message in THEIRS or all(any(part in said for said in said_by_us()) for part in parts)


@cache
def said_by_us() -> list[str]:
    """The strings of course_utils and autograder; in f-strings, … for what is filled in."""
    said = []
    for folder in ("course_utils", "autograder"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    parts = (getattr(part, "value", "") for part in node.values)
                    said.append("".join(part if isinstance(part, str) else "…" for part in parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    said.append(node.value)
    return [text.replace("`", "") for text in said]


# ---- each of these tests can fail --------------------------------------------------------------

Faults = Callable[[Page], Iterator[str]]
BROKEN: list[tuple[Faults, str, str]] = [
    (links.faults, "[a](nowhere.md)", "nowhere.md is not there"),
    (links.faults, "[a](other.md#no-such-heading)", "there is no heading #no-such-heading"),
    (links.faults, "# Here\n[a](#there)", "there is no heading #there"),
    (links.faults, "[a](../outside.md)", "leads out of the folder"),
    (links.faults, "[a](/other.md)", "begins with /"),
    (links.faults, "[a]()", "leads nowhere"),
    (links.faults, "<a href='gone.md'>a</a>", "gone.md is not there"),
    (links.faults, "[a](http://example.org)", "is not https"),
    (links.faults, "[a](https://example)", "names no machine"),
    (links.faults, "[a](https://example.org//b)", "no well-formed address"),
    (links.faults, "[a](mailto:jane@example.org)", "no address that a page should have"),
    (links.faults, "![](picture.png)", "has no alt text"),
    (links.faults, "<img src='picture.png'>", "has no alt text"),
    (links.faults, "![picture.png](picture.png)", "does not say what the picture"),
    (links.faults, "![a page, as if it were a picture](other.md)", "is no picture"),
    (
        links.faults,
        "![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)",
        "leads to nowhere",
    ),
    (
        links.faults,
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        "(https://colab.research.google.com/github/jane/vision/blob/main/notebooks/labs/no.ipynb)",
        "opens notebooks/labs/no.ipynb, which is not there",
    ),
    (commands.faults, "`autograder grad lab1_adversarial`", "no command grad"),
    (commands.faults, "`autograder grade lab1_adversarial --frce`", "no option --frce"),
    (commands.faults, "```\nautograder grade\n```", "Missing argument"),
    (commands.faults, "`autograder grade lab9_nothing`", "there is no lab lab9_nothing"),
    (commands.faults, "`autograder export LAB --format excel`", "there is no format excel"),
    (commands.faults, "```bash\nautogradr demo\n```", "no program autogradr is known"),
    (commands.faults, "```bash\ncd course && nbgrader autograd\n```", "no command autograd"),
    (commands.faults, "```\nnbgrader autograde --sudent x\n```", "no option --sudent"),
    (commands.faults, "    jupyter labb", "nothing installs jupyter labb"),
    (commands.faults, "`jupyter lab --no-browsr`", "no option --no-browsr"),
    (commands.faults, "`make dmo`", "no target dmo"),
    (commands.faults, "`make demo PIPFLAGS=x`", "no variable PIPFLAGS"),
    (commands.faults, "`dask workers`", "no command workers"),
    (commands.faults, "`dask worker tcp://HOST:8786 --nprocs 8`", "no option --nprocs"),
    (commands.faults, "`conda activate course`", "another name"),
    (commands.faults, "`conda env create -f env.yml`", "env.yml is not there"),
    (commands.faults, "```bash\npython benchmarks/no.py\n```", "no.py is not there"),
    (commands.faults, "```bash\npython benchmarks/train_zoo.py --no\n```", "no option --no"),
    (commands.faults, "```bash\npython3 -m no_such_module\n```", "no module no_such_module"),
    (commands.faults, "```bash\n.venv/bin/nothing\n```", "nothing installs a program nothing"),
    (commands.faults, "```bash\npip install '.[labs]'\n```", "has no extra labs"),
    (commands.faults, "```bash\nscripts/gone\n```", "scripts/gone is not there"),
    (commands.missing_files, "`autograder/gone.py`", "`autograder/gone.py` is not there"),
    (block_faults, "```toml\n[late\n```", "Expected"),
    (block_faults, "```toml\n[late]\nper_dy = 1\n```", "[late] has no 'per_dy'"),
    (block_faults, "```toml\n[course]\nrepo = 'a/b'\n```", "[course] has no 'repo'"),
    (block_faults, "```toml\n[labs.x]\ndeadlin = 1\n```", "[labs.x] has no 'deadlin'"),
    (block_faults, "```python\ndef\n```", "invalid syntax"),
]


@pytest.mark.parametrize(("faults", "text", "says"), BROKEN, ids=[text for _, text, _ in BROKEN])
def test_a_broken_page_is_noticed(faults, text, says, tmp_path):
    if faults is links.faults:  # a folder of its own; the rest asks the project
        (tmp_path / "other.md").write_text("# A heading\n", encoding="utf-8")
        (tmp_path / "picture.png").touch()
        page = Page(tmp_path / "page.md", tmp_path, text)
        page.path.write_text(text, encoding="utf-8")
    else:
        page = Page(ROOT / "docs" / "page.md", ROOT, text)
    assert [fault for fault in faults(page) if says in fault], list(faults(page))


def test_a_page_in_order_has_no_faults(tmp_path):
    text = (
        "# A `page` & more\n[a](#a-page--more) [b](other.md#twice-1) [c](https://example.org/a?b#c)\n"
        "![The letter a, drawn large](picture.png)\n\n`autograder grade LAB --jobs 2`\n"
        "```bash\nX=1 .venv/bin/autograder collect lab1_adversarial DIR > log  # why\n"
        "dask worker tcp://HOST:8786 --nworkers 8 && \\\n  jupyter lab --no-browser\n```\n"
    )
    (tmp_path / "other.md").write_text("# Twice\n# Twice\n", encoding="utf-8")
    (tmp_path / "picture.png").touch()
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert list(links.faults(Page(tmp_path / "page.md", tmp_path, text))) == []
    assert list(commands.faults(Page(ROOT / "page.md", ROOT, text))) == []
    found = list(commands.commands(Page(ROOT / "page.md", ROOT, text)))
    assert [(one.words[0], one.line) for one in found] == [
        ("autograder", 5),
        (".venv/bin/autograder", 7),
        ("dask", 8),
        ("jupyter", 8),
    ]


def test_a_file_that_git_does_not_keep_is_no_place_for_a_link():
    built = Page(ROOT / "README.md", ROOT, "[a](.venv)")
    if not (ROOT / ".git").exists() or not (ROOT / ".venv").exists():
        pytest.skip("no repository here, or nothing in it that git ignores")
    assert [fault for fault in links.faults(built) if "not kept by git" in fault]


def test_anchors_follow_githubs_rule():
    # as github.com shows them for these headings
    assert slugs(["Set-up", "PGD, step by step", "Who's there?", "L∞ and L2", "a_b", "Set-up"]) == [
        "set-up",
        "pgd-step-by-step",
        "whos-there",
        "l-and-l2",
        "a_b",
        "set-up-1",
    ]


@pytest.mark.skipif(not os.environ.get("COURSE_ONLINE"), reason="asks the network: COURSE_ONLINE=1")
def test_external_links_answer():
    addresses = set().union(*(links.external(read_page(ROOT / name, ROOT)) for name in PAGES))
    dead = []
    for address in sorted(addresses):
        request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0"})
        try:
            urllib.request.urlopen(request, timeout=20).close()
        except urllib.error.HTTPError as error:
            dead += [f"{address}: {error.code}"] if error.code in (404, 410) else []
        except OSError as error:
            dead.append(f"{address}: {error}")
    assert dead == []


def test_the_settings_of_this_course_are_accepted():
    assert load_course(ROOT).labs
