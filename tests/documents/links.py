"""What can be wrong with a page's links, badges and pictures, a sentence each."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.documents.pages import Link, Page, read_page

_COLAB_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_COLAB = re.compile(
    r"https://colab\.research\.google\.com/github/(?P<repository>[\w.-]+/[\w.-]+)"
    r"/blob/(?P<branch>[\w./-]+?)/(?P<path>notebooks/.+\.ipynb)"
)
_HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
_PAGES = (".md", ".ipynb")
_SHORTEST_ALT = 15  # characters: a sentence, not a file's name


def faults(page: Page) -> Iterator[str]:
    """Everything that is wrong with the page's links, badges and pictures."""
    for link in page.links():
        where = f"{page.name}:{link.line}"
        said = [*_of_picture(link), *_of_badge(page, link), *_of_target(page, link)]
        yield from (f"{where}: {what}" for what in said)


def external(page: Page) -> set[str]:
    """The addresses on other machines that the page names."""
    return {link.target for link in page.links() if urlsplit(link.target).scheme == "https"}


def _of_picture(link: Link) -> Iterator[str]:
    if not link.picture or link.target == _COLAB_BADGE:
        return
    if not link.text.strip():
        yield f"the picture {link.target} has no alt text"
    elif len(link.text) < _SHORTEST_ALT or link.text.endswith((".png", ".svg", ".jpg")):
        yield f"the alt text {link.text!r} does not say what the picture {link.target} shows"


def _of_badge(page: Page, link: Link) -> Iterator[str]:
    """A Colab badge opens a notebook that is there; no other picture leads to Colab."""
    if not link.picture or (link.target != _COLAB_BADGE and "colab-badge" not in link.target):
        return
    if link.target != _COLAB_BADGE:
        yield f"the badge's picture is {link.target}, not {_COLAB_BADGE}"
    found = _COLAB.fullmatch(link.around)
    if not found:
        yield (
            f"the badge leads to {link.around or 'nowhere'}: it should lead to "
            "https://colab.research.google.com/github/OWNER/NAME/blob/BRANCH/notebooks/….ipynb"
        )
    elif not (page.root / unquote(found["path"])).is_file():
        yield f"the badge opens {found['path']}, which is not there"
    elif page.path.suffix == ".ipynb" and found["path"] != page.name:
        yield f"the badge opens {found['path']}, another notebook than its own"


def _of_target(page: Page, link: Link) -> Iterator[str]:
    parts = urlsplit(link.target)
    if parts.scheme in ("http", "https") or parts.netloc:
        yield from _of_address(link.target)
    elif parts.scheme == "data" and link.picture:
        return
    elif parts.scheme:
        yield f"{link.target} is no address that a page should have"
    elif not link.target:
        yield f"the link [{link.text}] leads nowhere"
    else:
        yield from _of_file(page, unquote(parts.path), unquote(parts.fragment), link)


def _of_address(target: str) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme != "https":
        yield f"{target} is not https"
    elif not _HOST.fullmatch(parts.hostname or ""):
        yield f"{target} names no machine of the internet"
    elif re.search(r"\s|[<>\"]", target) or parts.username or "//" in parts.path:
        yield f"{target} is no well-formed address"


def _of_file(page: Page, path: str, anchor: str, link: Link) -> Iterator[str]:
    if path.startswith("/"):
        yield f"{link.target} begins with /, which leads elsewhere on GitHub and on this machine"
        return
    file = (page.path.parent / path).resolve() if path else page.path.resolve()
    if not file.is_relative_to(page.root.resolve()):
        yield f"{link.target} leads out of the folder"
    elif not file.exists():
        yield f"{link.target} is not there"
    elif not _is_published(file, page.root.resolve()):
        yield f"{link.target} is not kept by git: nobody else has it"
    elif anchor and not _has(page, file, anchor):
        yield f"{link.target}: there is no heading #{anchor}"
    elif link.picture and file.suffix not in (".png", ".svg", ".jpg"):
        yield f"{link.target} is no picture"


def _has(page: Page, file: Path, anchor: str) -> bool:
    if file == page.path.resolve():
        return anchor in page.anchors
    if file.suffix in _PAGES:
        return anchor in read_page(file, page.root).anchors
    line = re.fullmatch(r"L(\d+)", anchor)
    return bool(line) and int(line[1]) <= len(file.read_text(encoding="utf-8").splitlines())


def _is_published(file: Path, root: Path) -> bool:
    tracked = tracked_files(root)
    return not tracked or any(one == file or file in one.parents for one in tracked)


@cache
def tracked_files(root: Path) -> frozenset[Path]:
    """What git keeps of the folder, new files included; nothing where it is no repository of its own."""
    if not (root / ".git").exists():
        return frozenset()
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return frozenset(root / name for name in listed.splitlines())
