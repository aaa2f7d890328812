"""docs/glossary.md and the links to it: every word leads to an entry, and every entry is wanted."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from autograder.build.glossary import is_words, read_glossary, slug_of, without_words
from autograder.build.source import instructor_notebook, read_source
from autograder.course import load_course

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*/*.py"))
# How many words a notebook may link: enough to help, and few enough to read on.
FEW, MANY = {"lectures": (8, 20), "labs": (3, 10)}, 60
LINK = re.compile(r"\[([^\[\]]+)\]\(\.\./\.\./\.\./docs/glossary\.md#([\w-]+)\)")
TARGET = re.compile(r"\]\(([^()\s]+)\)")

every_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


@cache
def words() -> dict:
    return read_glossary(GLOSSARY)


@cache
def prose(source: Path) -> list[str]:
    """The texts of a source's markdown cells."""
    return [cell.source for cell in read_source(source).cells if cell.cell_type == "markdown"]


@cache
def linked(source: Path) -> list[str]:
    return [slug for text in prose(source) for _, slug in LINK.findall(text)]


def test_there_are_enough_words_in_alphabetical_order_and_none_twice():
    names = [term.name for term in words().values()]
    assert 60 <= len(names) <= 90
    assert names == sorted(names, key=str.lower)
    assert re.findall(r"^### (.+)$", GLOSSARY.read_text(), re.MULTILINE) == names
    assert [slug_of(name) for name in names] == list(words())


def test_an_entry_is_a_sentence_or_two_and_quotes_no_figure():
    for term in words().values():
        whole = f"{term.name} {term.definition} {re.sub(TARGET, ']', term.source)}"
        assert len(whole.split()) <= MANY, term.name
        assert len(re.findall(r"[.?](?= |$)", term.definition)) <= 3, term.name
        assert term.definition[-1] in ".?", term.name
        numbers = re.findall(r"(?<![\w-])-?\d+(?:\.\d+)?", term.definition)
        assert set(numbers) <= {"0", "1", "-1"}, term.name
        assert re.search(r"Shown in lecture [1-6]\.$", term.source), term.name


def test_its_links_lead_to_an_entry_to_arxiv_or_to_a_lecture_and_so_nowhere_out_of_the_bundle():
    for target in TARGET.findall(GLOSSARY.read_text()):
        if target.startswith("#"):
            assert target[1:] in words(), target
        elif target.startswith("https://"):
            assert re.fullmatch(r"https://arxiv\.org/abs/\d{4}\.\d{4,5}", target), target
        else:
            assert re.fullmatch(r"\.\./notebooks/lectures/\w+\.ipynb", target), target
            assert (GLOSSARY.parent / target).is_file(), target


def test_a_paper_is_called_by_the_number_that_its_link_has():
    pairs = re.findall(
        r"\[arXiv ([\d.]+)\]\(https://arxiv\.org/abs/([\d.]+)\)", GLOSSARY.read_text()
    )
    assert len(pairs) > 30
    assert all(said == leads_to for said, leads_to in pairs)


def test_every_entry_is_linked_from_a_notebook_or_from_another_entry():
    wanted = {slug for source in SOURCES for slug in linked(source)}
    wanted |= {target[1:] for target in TARGET.findall(GLOSSARY.read_text()) if target[0] == "#"}
    assert set(words()) <= wanted


@every_notebook
def test_a_notebook_links_each_of_its_words_once_and_not_too_many(source):
    slugs = linked(source)
    least, most = FEW[source.parent.name]
    assert least <= len(slugs) <= most
    assert len(slugs) == len(set(slugs))
    assert set(slugs) <= set(words())
    assert source.read_text().count("glossary.md") == len(
        slugs
    )  # there are none in code, or misspelt


@every_notebook
def test_no_link_stands_in_a_heading_a_formula_or_a_summary(source):
    for text in prose(source):
        for place in (
            r"^#+ .*",
            r"\$\$.*?\$\$",
            r"(?<!\$)\$[^$\n]+\$",
            r"<summary>.*?</summary>",
            r"`[^`\n]*`",
        ):
            for found in re.findall(
                place, text, re.MULTILINE | re.DOTALL if ".*?" in place else re.MULTILINE
            ):
                assert not LINK.search(found), found


@every_notebook
def test_the_built_notebook_explains_just_its_words_and_nothing_else_is_changed(source):
    course = load_course(ROOT)
    built = instructor_notebook(course, source, ROOT / "notebooks" / f"{source.stem}.ipynb").cells
    assert is_words(built[-1].source)
    listed = re.findall(r"^\* \*\*(.+)\*\*: ", built[-1].source, re.MULTILINE)
    assert listed == [term.name for slug, term in words().items() if slug in linked(source)]
    written = read_source(source).cells
    for cell, before in zip(built[-1 - len(written) : -1], written, strict=True):
        assert cell.cell_type == before.cell_type
        assert cell.metadata == before.metadata
        assert without_words(cell.source) == LINK.sub(r"\1", before.source)
        if cell.cell_type == "markdown":
            titles = re.findall(r'\]\(#scrollTo=glossary-words "([^"]*)"\)', cell.source)
            assert titles == [words()[slug].definition for _, slug in LINK.findall(before.source)]
        else:
            assert cell.source == before.source
