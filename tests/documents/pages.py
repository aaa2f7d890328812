"""A page (Markdown, or a notebook's Markdown cells): its headings, links, pictures and code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_OF_WORDS = {"L", "N", "M"}  # letters, numbers, marks: what GitHub keeps of a heading


@dataclass(frozen=True)
class Link:
    """A link or a picture: where it leads, the words or the alt text, the link around a picture."""

    target: str
    text: str
    line: int
    picture: bool = False
    around: str = ""


@dataclass(frozen=True)
class Code:
    """Code between backticks (`language` is None) or in a block; line counts from 1."""

    text: str
    line: int
    language: str | None = None


@dataclass(frozen=True)
class Page:
    """A page as it stands in a folder.

    Attributes:
        path: the file; relative links start from its folder.
        root: the folder that no link leaves.
        text: its Markdown.
    """

    path: Path
    root: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)

    @cached_property
    def anchors(self) -> set[str]:
        """What may follow the # of a link to this page: GitHub's for Markdown, Jupyter's for a notebook."""
        headings = [
            _heading_text(inline)
            for opening, inline in zip(self.tokens, self.tokens[1:], strict=False)
            if opening.type == "heading_open"
        ]
        if self.path.suffix == ".md":
            return set(slugs(headings)) | self._ids
        return {heading.replace(" ", "-") for heading in headings} | self._ids

    @cached_property
    def _ids(self) -> set[str]:
        return {
            value
            for html, _ in _html(self.tokens)
            for _, attributes in _tags(html)
            for key in ("id", "name")
            if (value := attributes.get(key))
        }

    def links(self) -> Iterator[Link]:
        for token in self.tokens:
            yield from _links(token, _line(token))

    def code(self) -> Iterator[Code]:
        for token in self.tokens:
            if token.type in ("fence", "code_block"):
                first = _line(token) + (token.type == "fence")
                yield Code(token.content, first, token.info.strip().split(" ")[0])
            for child in token.children or ():
                if child.type == "code_inline":
                    yield Code(child.content, _line(token))


@cache
def read_page(path: Path, root: Path) -> Page:
    """A .md file, an .ipynb, or a notebook's source as a percent script."""
    if path.suffix == ".md":
        return Page(path, root, path.read_text(encoding="utf-8"))
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
    else:
        import jupytext

        notebook = jupytext.read(path)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return Page(path, root, "\n\n".join(cells))


def slugs(headings: list[str]) -> list[str]:
    """Anchors that GitHub gives to headings, in order."""
    seen: dict[str, int] = {}
    given = []
    for heading in headings:
        kept = "".join(c for c in heading.strip().lower() if _is_kept(c)).replace(" ", "-")
        again = seen.get(kept, 0)
        seen[kept] = again + 1
        given.append(f"{kept}-{again}" if again else kept)
    return given


def _is_kept(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind[0] in _OF_WORDS or kind == "Pc" or character in " -"


def _heading_text(inline: Token) -> str:
    kinds = ("text", "code_inline")
    return "".join(child.content for child in inline.children or () if child.type in kinds)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _links(block: Token, line: int) -> Iterator[Link]:
    if block.type == "html_block":
        yield from _html_links(block.content, line)
    opened: list[tuple[str, list[str]]] = []
    for child in block.children or ():
        if child.type == "link_open":
            opened.append((str(child.attrs.get("href", "")), []))
        elif child.type == "link_close":
            target, words = opened.pop()
            yield Link(target, "".join(words), line)
        elif child.type == "image":
            around = opened[-1][0] if opened else ""
            yield Link(str(child.attrs.get("src", "")), child.content, line, True, around)
            if opened:
                opened[-1][1].append(child.content)
        elif child.type == "html_inline":
            yield from _html_links(child.content, line)
        elif opened:
            opened[-1][1].append(child.content)


def _html(tokens: list[Token]) -> Iterator[tuple[str, int]]:
    for token in tokens:
        if token.type == "html_block":
            yield token.content, _line(token)
        for child in token.children or ():
            if child.type == "html_inline":
                yield child.content, _line(token)


def _html_links(html: str, line: int) -> Iterator[Link]:
    for tag, attributes in _tags(html):
        if tag == "img":
            yield Link(attributes.get("src") or "", attributes.get("alt") or "", line, True)
        elif tag == "a" and "href" in attributes:
            yield Link(attributes["href"] or "", re.sub(r"<[^>]*>", "", html), line)


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    Reader().feed(html)
    return found
