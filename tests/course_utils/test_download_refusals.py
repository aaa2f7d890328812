"""What is not the file never gets its name, and every refusal says what to do."""

from __future__ import annotations

import errno
import multiprocessing
import shutil

import pytest

from course_utils.data import transfer
from course_utils.data.download import fetch
from tests.course_utils.downloads import BODY, OTHER, QUICK, SHA256, beside, refused
from tests.course_utils.local_server import Answer

# ---- lies and wrong bytes --------------------------------------------------------------------


def test_corrupt_bytes_then_good_ones(server, target):
    fetch(server.plan("/a", Answer(OTHER), Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY


def test_bytes_that_stay_corrupt_never_get_the_final_name(server, target):
    said = refused(server.plan("/a", Answer(OTHER)), target, sha256=SHA256, size=len(BODY))
    assert "sha256" in said
    assert len(server.requests) == 2
    assert beside(target) == []


def test_a_login_page_is_called_one(server, target):
    page = b"<html><body>Please log in</body></html>"
    said = refused(server.plan("/a", Answer(page)), target, sha256=SHA256)
    assert "web page" in said


@pytest.mark.parametrize("known", [{"sha256": SHA256}, {"sha256": SHA256, "size": len(BODY)}])
@pytest.mark.parametrize("claim", [1_000, 49_999])
def test_a_length_claimed_too_short_is_seen_through(server, target, known, claim):
    """The lie ends the body early; what is missing is asked for, or nothing gets the final name."""
    url = server.plan("/a", Answer(BODY, length=claim), Answer(BODY))
    fetch(url, target, **known, **QUICK)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("known", [{"sha256": SHA256}, {"sha256": SHA256, "size": len(BODY)}])
@pytest.mark.parametrize("hang", [False, True])
def test_a_length_claimed_too_long_does_no_harm_when_a_checksum_is_known(
    server, target, known, hang
):
    url = server.plan("/a", Answer(BODY, length=len(BODY) + 500, hang=hang, ranges=False))
    fetch(url, target, **known, **{**QUICK, "timeout": 0.1})
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("size", [len(BODY) - 1, len(BODY) + 1])
def test_a_size_other_than_promised_is_refused(server, target, size):
    said = refused(server.plan("/a", Answer(BODY)), target, size=size)
    assert f"{size:,}" in said
    assert not target.exists()


def test_another_file_of_another_length_is_not_asked_for_twice(server, target):
    url = server.plan("/a", Answer(OTHER + OTHER))
    assert "sha256" in refused(url, target, sha256=SHA256, size=len(BODY))
    assert len(server.requests) == 1
    assert beside(target) == []


def test_without_any_promise_the_servers_own_length_holds(server, target):
    said = refused(server.plan("/a", Answer(BODY, length=len(BODY) + 1)), target)
    assert "50,000 of 50,001 bytes" in said
    assert not target.exists()


def test_an_empty_body_is_no_file(server, target):
    assert "empty" in refused(server.plan("/a", Answer(b"")), target)


# ---- answers that are no file ----------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_refusal_is_not_repeated_and_says_its_status(server, target, status):
    said = refused(server.plan("/a", Answer(b"no", status)), target)
    assert str(status) in said
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_passing_failure_is_tried_again(server, target, status):
    trouble = Answer(b"later", status, headers={"Retry-After": "0"})
    fetch(server.plan("/a", trouble, trouble, Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY
    assert len(server.requests) == 3


def test_a_lasting_failure_ends_after_the_retries(server, target):
    assert "500" in refused(server.plan("/a", Answer(b"", 500)), target)
    assert len(server.requests) == 1 + QUICK["retries"]


def test_mirrors_are_tried_in_turn_and_continue_the_same_file(server, target):
    first = server.plan("/a", Answer(BODY, cut=20_000), Answer(b"", 404))
    second = server.plan("/b", Answer(BODY))
    fetch(first, target, sha256=SHA256, mirrors=[server.url + "/none", second], **QUICK)
    assert target.read_bytes() == BODY
    assert server.requests[-1] == ("/b", "bytes=20000-")


def test_a_crawling_address_is_left_for_a_mirror(server, target, monkeypatch):
    monkeypatch.setattr(transfer, "_PATIENCE", 0.05)
    monkeypatch.setattr(transfer, "_SLOW", 10**12)
    slow = server.plan("/a", Answer(BODY, pause=0.03))
    fetch(slow, target, sha256=SHA256, mirrors=[server.plan("/b", Answer(BODY))], **QUICK)
    assert target.read_bytes() == BODY
    assert server.requests[-1][0] == "/b"


def test_a_crawling_address_is_better_than_none(server, target, monkeypatch):
    monkeypatch.setattr(transfer, "_PATIENCE", 0.05)
    monkeypatch.setattr(transfer, "_SLOW", 10**12)
    slow = server.plan("/a", Answer(BODY, pause=0.002))
    fetch(slow, target, sha256=SHA256, mirrors=[server.url + "/none"], **QUICK)
    assert target.read_bytes() == BODY


# ---- no network, no room, no permission ------------------------------------------------------


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.tar.gz", "https://nowhere.invalid/a.tar.gz"])
def test_without_a_network_the_message_says_which_file_to_put_where(tmp_path, url):
    target = tmp_path / "deep" / "er" / "a.tar.gz"
    said = refused(url, target, sha256=SHA256, size=1_234_567)
    for needed in (url, str(target), "1,234,567 bytes", SHA256, 'load("world")', "no connection"):
        assert needed in said
    assert "Traceback" not in said


def test_the_error_is_an_oserror_that_a_notebook_shows_without_a_traceback(target):
    with pytest.raises(OSError, match="could not be downloaded") as caught:
        fetch("http://127.0.0.1:9/a", target, **QUICK)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "".join(caught.value._render_traceback_()).startswith("DownloadError: file.bin could")


def test_a_full_disk_is_said_before_the_download(server, target, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
    said = refused(server.plan("/a", Answer(BODY)), target, sha256=SHA256, size=len(BODY))
    assert "no room for file.bin (50,000 bytes)" in said
    assert "COURSE_CACHE" in said


@pytest.mark.parametrize(
    ("number", "phrase"),
    [(errno.ENOSPC, "no room"), (errno.EACCES, "not writable"), (errno.EIO, "can't be written")],
)
def test_what_the_disk_refuses_is_a_sentence(server, target, monkeypatch, number, phrase):
    def refuse(*_):
        raise OSError(number, "refused by the test")

    monkeypatch.setattr(transfer.os, "fsync", refuse)
    said = refused(server.plan("/a", Answer(BODY)), target, sha256=SHA256)
    assert phrase in said
    assert not target.exists()


def test_a_folder_or_file_in_the_way_is_named(server, tmp_path):
    url = server.plan("/a", Answer(BODY))
    (tmp_path / "taken").mkdir()
    assert "is a folder" in refused(url, tmp_path / "taken")
    (tmp_path / "file").write_text("")
    assert "in the way" in refused(url, tmp_path / "file" / "a")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "abc"},
        {"sha256": "x" * 64},
        {"md5": "a" * 31},
        {"size": 0},
        {"url": "file:///etc/passwd"},
        {"url": "ftp://example.org/a"},
        {"mirrors": ["file:///etc/passwd"]},
    ],
    ids=str,
)
def test_arguments_that_cannot_be_meant_are_named(target, wrong):
    with pytest.raises(ValueError, match="must"):
        fetch(**{"url": "https://example.invalid/a", "path": target, **wrong})


# ---- several at once -------------------------------------------------------------------------


def _fetch_in_another_process(url: str, target: str) -> None:
    fetch(url, target, sha256=SHA256, size=len(BODY), **QUICK)


def test_processes_that_fetch_the_same_file_fetch_it_once_and_whole(server, target):
    url = server.plan("/a", Answer(BODY, pause=0.002))
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_fetch_in_another_process, args=(url, str(target))) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert target.read_bytes() == BODY
    assert len(server.requests) == 1
    assert beside(target) == ["file.bin"]


def test_the_lock_of_a_dead_process_holds_nobody_up(server, target):
    target.parent.mkdir()
    target.with_name("file.bin.lock").write_text("left by a process that was killed")
    fetch(server.plan("/a", Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert beside(target) == ["file.bin"]
