"""Fixtures for whatever goes through the downloader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course_utils.local_server import Served, serving


@pytest.fixture(scope="session")
def web_server() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def server(web_server: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A misbehaving web server with no plans and no memory."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    web_server.requests.clear()
    web_server.plans.clear()
    return web_server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a download is to go; the folder is not there yet."""
    return tmp_path / "cache" / "file.bin"
