"""What is read can be read by everybody: pictures in words, headings without gaps, links that say where they lead."""

from __future__ import annotations

import functools
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import jupytext
import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
BUILT = sorted((ROOT / "notebooks").glob("l*/*.ipynb"))
SOURCES = sorted((ROOT / "notebooks" / "source").glob("l*/*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = [*PAGES, *SOURCES]
SAYS_NOTHING = {"here", "this", "link", "click here", "more", "read more", "this page", "this link"}
A_FEW_WORDS = 25  # characters, in an alt text of a figure
FILE_NAME = re.compile(r"^\S+\.(png|gif|jpe?g|svg)$|^(figure|image|img|picture|plot)?\W*\d*$", re.I)


class Images(HTMLParser):
    """The attributes of every <img> of an HTML text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


@functools.cache
def outputs(path: Path) -> list[dict[str, str]]:
    """The data of every output by kind; in HTML a picture's pixels are replaced by their hash."""
    cells = nbformat.read(path, as_version=4).cells
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    short = functools.partial(re.sub, r";base64,([\w+/=]+)", lambda m: f";{hash(m[1])}")
    return [{kind: short("".join(text)) for kind, text in one.items()} for one in data]


def markdown(path: Path) -> str:
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = jupytext.read(path).cells if path.suffix == ".py" else nbformat.read(path, 4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@functools.cache
def tokens(path: Path) -> list[Token]:
    """Every token of the page's Markdown, those inside of lines included."""
    parsed = MarkdownIt("commonmark").enable("table").parse(markdown(path))
    return [one for token in parsed for one in (token, *(token.children or ()))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_every_picture_of_a_built_notebook_says_in_words_what_is_to_be_seen(path):
    words: dict[str, str] = {}
    for output in outputs(path):
        for image in Images(output.get("text/html", "")).found:
            alt = (image.get("alt") or "").strip()
            assert len(alt) >= A_FEW_WORDS, f"an image with the alt text {alt!r}"
            assert not FILE_NAME.match(alt), alt
            same = words.setdefault(alt, image["src"])
            assert same == image["src"], f"two different pictures with the words {alt!r}"


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_no_picture_of_a_built_notebook_comes_without_a_place_for_words(path):
    """JupyterLab gives an image/png output no alt attribute, so no output may be one."""
    for output in outputs(path):
        kinds = [kind for kind in output if kind.startswith("image/")]
        assert not kinds or "text/html" in output, output.get("text/plain")


@pytest.mark.parametrize("path", [*TEXTS, *BUILT], ids=name)
def test_every_picture_in_a_text_has_words(path):
    shown = [token for token in tokens(path) if token.type == "image"]
    raw = [t.content for t in tokens(path) if t.type in ("html_block", "html_inline")]
    alts = [token.content for token in shown]
    alts += [str(image.get("alt") or "") for one in raw for image in Images(one).found]
    for alt in alts:
        assert alt.strip(), "a picture without words"
        assert not FILE_NAME.match(alt.strip()), alt
    assert max(Counter(alts).values(), default=0) <= 1, "two pictures with the same words"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_headings_go_down_without_gaps_from_one_title(path):
    levels = [int(token.tag[1]) for token in tokens(path) if token.type == "heading_open"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    for above, below in pairwise(levels):
        assert below <= above + 1, f"an h{below} below an h{above}"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_a_link_says_where_it_leads(path):
    inside = ""
    found: dict[str, set[str]] = {}
    for token in tokens(path):
        if token.type == "link_open":
            inside, href = " ", str(token.attrs["href"])
        elif token.type == "link_close":
            text, inside = inside.strip(), ""
            assert text, f"a link to {href} without a text"
            assert text.lower() not in SAYS_NOTHING, f"{text!r} leads to {href}"
            found.setdefault(text.lower(), set()).add(href)
        elif inside:
            inside += token.content
    different = {text: sorted(hrefs) for text, hrefs in found.items() if len(hrefs) > 1}
    assert not different, "one text for several places"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_table_names_its_columns(path):
    """Some may be left empty: a column of numbers or of names that need no word."""
    heads: list[str] = []
    inside = False
    for token in tokens(path):
        if token.type in ("tr_open", "thead_open"):
            heads = heads if inside else []
        inside = token.type == "thead_open" or (inside and token.type != "thead_close")
        if inside and token.type == "inline":
            heads.append(token.content.strip())
        if token.type == "thead_close":
            assert any(heads), "a table without a head"
