"""The lecture's words: how a term that a notebook links to docs/glossary.md explains itself there.

In a source a term is an ordinary link to its entry, `[PGD](../../../docs/glossary.md#pgd)`. A student
may have nothing but the notebook, so the build takes along what the entry says: the definition becomes
the link's title, which shows under the mouse, and a last cell, *Words*, holds the entries of all terms
that the notebook links; a click jumps there.

Jumping: Google Colab follows links to cells only, `#scrollTo=` and the `id` in the cell's metadata
(github.com/googlecolab/colabtools/issues/3983). JupyterLab 4.6, nbviewer and nbgrader's pages go to any
element of the name that stands behind the `#`, so the cell of words begins with one of that name.

No score depends on any of this. `without_words` takes it out again, so that a better sentence in the
glossary neither runs a lecture nor grades a submission anew, and no cell looks edited for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.build.cells import BuildRefused, where

GLOSSARY = "docs/glossary.md"
# No grade_id can be called this: those are Python names.
WORDS_ID = "glossary-words"

_TARGET = f"#scrollTo={WORDS_ID}"
_ANCHOR = f'<a id="{_TARGET[1:]}"></a>'
_INTRODUCTION = f"{_ANCHOR}\n\n## Words\n\nThe words that are linked above, one by one. All of the course's words are in `{GLOSSARY}`."
_ENTRY = re.compile(r"^### +(?P<name>.+)$", re.MULTILINE)
_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<target>[^()\s]*)\)")
_SOURCE = re.compile(
    r"(?<!!)\[(?P<text>[^\[\]]+)\]\(\.\./\.\./\.\./docs/glossary\.md#(?P<slug>[\w-]+)\)"
)
_BUILT = re.compile(rf'\[(?P<text>[^\[\]]+)\]\({re.escape(_TARGET)} "[^"]*"\)')
_LISTED = re.compile(r"^\* \*\*.+\*\*: .+\n?", re.MULTILINE)
# In a link's title these would end it, or be taken for markdown, HTML or a formula.
_BREAKS_A_TITLE = re.compile(r"[\"\\<>&$*_`|~\[\]]")


@dataclass(frozen=True)
class Term:
    """An entry of the glossary.

    Attributes:
        slug: what links call it: the name in lower case, with hyphens.
        definition: plain words, no markdown.
        source: who it comes from and which lecture shows it, as markdown whose links lead to the web.
    """

    name: str
    slug: str
    definition: str
    source: str


def read_glossary(path: Path) -> dict[str, Term]:
    """The glossary's entries by their slugs.

    Each is a heading `### Name`, a paragraph that defines it, and a line in italics with its source.

    Raises:
        BuildRefused: no such file, an entry has another form, or two have the same name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BuildRefused(f"{path} is missing, and notebooks link to it: put it back") from None
    _, *parts = _ENTRY.split(text)
    terms: dict[str, Term] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        term = _term(name.strip(), body)
        if term.slug in terms:
            raise BuildRefused(f"{GLOSSARY} has two entries {term.name!r}: make one of them")
        terms[term.slug] = term
    return terms


def slug_of(name: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w-]", "", name.lower().replace(" ", "-"))


def _term(name: str, body: str) -> Term:
    paragraphs = [" ".join(part.split()) for part in body.strip().split("\n\n")]
    if len(paragraphs) != 2 or not re.fullmatch(r"\*[^*]+\*", paragraphs[1]):
        raise BuildRefused(
            f"{GLOSSARY}, entry {name!r}: write one paragraph, then a line in *italics* with the source"
        )
    definition = _LINK.sub(r"\g<text>", paragraphs[0])
    if found := _BREAKS_A_TITLE.search(definition):
        raise BuildRefused(
            f"{GLOSSARY}, entry {name!r}: {found[0]!r} in the definition would break the link that shows "
            "it: write plain words"
        )
    return Term(name, slug_of(name), definition, _LINK.sub(_web_only, paragraphs[1].strip("*")))


def _web_only(link: re.Match[str]) -> str:
    """Other files may lie elsewhere, or nowhere, where the notebook is read."""
    return link[0] if link["target"].startswith("https://") else link["text"]


def explain(name: str, cells: list[NotebookNode], glossary: Path) -> list[NotebookNode]:
    """The cells with every link to the glossary made to work by itself, and the cell of words last.

    Args:
        name: of the notebook, for messages.
        cells: of a source; those with links are changed.
        glossary: docs/glossary.md; not read where no cell has a link.

    Raises:
        BuildRefused: a link leads to no entry, or the glossary can't be read.
    """
    linked = [
        cell for cell in cells if cell.cell_type == "markdown" and f"{GLOSSARY}#" in cell.source
    ]
    if not linked:
        return cells
    terms = read_glossary(glossary)
    used: set[str] = set()
    for cell in linked:
        used.update(_linked_in(name, cell, terms))
        cell.source = _SOURCE.sub(
            lambda link: f'[{link["text"]}]({_TARGET} "{terms[link["slug"]].definition}")',
            cell.source,
        )
    return [*cells, _words([term for slug, term in terms.items() if slug in used])]


def _linked_in(name: str, cell: NotebookNode, terms: dict[str, Term]) -> Iterator[str]:
    found = [link["slug"] for link in _SOURCE.finditer(cell.source)]
    if len(found) != cell.source.count(f"{GLOSSARY}#"):
        raise BuildRefused(
            f"{name}, {where(cell)}: a link to the glossary is not of the form "
            f"[word](../../../{GLOSSARY}#slug): mend it"
        )
    for slug in found:
        if slug not in terms:
            near = get_close_matches(slug, terms, n=1, cutoff=0)
            raise BuildRefused(
                f"{name}, {where(cell)}: {GLOSSARY} has no entry #{slug}"
                + (f"; the nearest is #{near[0]}" if near else "")
                + ": link to that, or write the entry"
            )
        yield slug


def _words(terms: list[Term]) -> NotebookNode:
    entries = [f"* **{term.name}**: {term.definition} *{term.source}*" for term in terms]
    text = "\n".join([_INTRODUCTION, "", *entries])
    return new_markdown_cell(text, id=WORDS_ID, metadata={"id": WORDS_ID})


def is_words(source: str) -> bool:
    """Whether this is the text of the last cell, where the words are explained."""
    return source.lstrip().startswith(_ANCHOR)


def without_words(source: str) -> str:
    """A cell's text as if there were no glossary; of the cell of words, what somebody wrote into it."""
    if is_words(source):
        return _LISTED.sub("", source.replace(_INTRODUCTION, "")).replace(_ANCHOR, "").strip()
    return _BUILT.sub(r"\g<text>", source)


def notebook_without_words(notebook: bytes) -> bytes:
    """A built notebook as it decides scores: the same bytes whatever its glossary says."""
    if WORDS_ID.encode() not in notebook:
        return notebook
    content = json.loads(notebook)
    content["cells"] = [cell for cell in content["cells"] if cell.get("id") != WORDS_ID]
    for cell in content["cells"]:
        cell["source"] = without_words("".join(cell["source"]))
    return json.dumps(content, sort_keys=True).encode()
