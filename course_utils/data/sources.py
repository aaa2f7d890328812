"""What can be downloaded, and the cards: read from the files in the project's `data` folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from course_utils import _shipped
from course_utils.data.cache import cache_dir
from course_utils.data.download import fetch


@dataclass(frozen=True)
class Source:
    """One downloadable file; the fields are sources.toml's."""

    file: str
    url: str
    size: int
    sha256: str
    md5: str | None = None
    mirrors: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where it is kept, and where to put it by hand."""
        return cache_dir() / self.file

    def fetch(self) -> Path:
        """The file's path, once the whole and right file is there.

        Raises:
            DownloadError: it can't be had; the message says what to put where.
        """
        return fetch(
            self.url,
            self.path,
            sha256=self.sha256,
            md5=self.md5,
            size=self.size,
            mirrors=self.mirrors,
        )


def source(name: str) -> Source:
    """The file that holds the data set `name`."""
    table = tomllib.loads(_shipped.path("sources.toml").read_text(encoding="utf-8"))[name]
    return Source(**{**table, "mirrors": tuple(table.get("mirrors", ()))})


def card(name: str) -> str:
    """The data set's card, Markdown."""
    return _shipped.path(f"{name}.md").read_text(encoding="utf-8")
