"""The promises of course_utils.data.download, held against a server that misbehaves."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import random
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.data import transfer
from course_utils.data.download import DownloadError, fetch
from tests.course_utils.local_server import Answer, Served, serving

BODY = random.Random(0).randbytes(50_000)
OTHER = random.Random(1).randbytes(50_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY).hexdigest()
QUICK = {"progress": False, "timeout": 0.5, "retries": 3, "backoff": 0.0}


@pytest.fixture(scope="module")
def server():
    with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def _direct(server: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server.requests.clear()
    server.plans.clear()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.bin"


def beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def refused(*arguments, **options) -> str:
    with pytest.raises(DownloadError) as caught:
        fetch(*arguments, **{**QUICK, **options})
    return str(caught.value)


# ---- what a good server gives ----------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"size": len(BODY)},
        {"md5": MD5},
        {"sha256": SHA256},
        {"sha256": SHA256[:8].upper()},
        {"sha256": SHA256, "md5": MD5, "size": len(BODY)},
    ],
    ids=str,
)
def test_a_file_arrives_whole_and_leaves_nothing_beside_it(server, target, known):
    url = server.plan("/a", Answer(BODY))
    assert fetch(url, target, **QUICK, **known) == target
    assert target.read_bytes() == BODY
    assert beside(target) == ["file.bin"]


def test_a_good_file_that_is_there_is_not_asked_for_again(server, target):
    url = server.plan("/a", Answer(BODY))
    for _ in range(3):
        fetch(url, target, sha256=SHA256, size=len(BODY), **QUICK)
    assert len(server.requests) == 1


def test_a_file_placed_by_hand_is_used_without_a_network(target):
    target.parent.mkdir()
    target.write_bytes(BODY)
    assert fetch("https://example.invalid/a", target, sha256=SHA256, **QUICK) == target


@pytest.mark.parametrize("present", [b"", BODY[:1000], OTHER, b"<!DOCTYPE html><html>Log in"])
def test_a_corrupt_file_is_named_and_fetched_anew(server, target, capsys, present):
    target.parent.mkdir()
    target.write_bytes(present)
    fetch(server.plan("/a", Answer(BODY)), target, sha256=SHA256, size=len(BODY), **QUICK)
    assert target.read_bytes() == BODY
    said = capsys.readouterr().out
    assert str(target) in said
    assert "is not the right file" in said
    assert len(said.splitlines()) == 1


def test_a_corrupt_file_stays_while_no_better_one_can_be_had(server, target):
    target.parent.mkdir()
    target.write_bytes(OTHER)
    said = refused(server.url + "/missing", target, sha256=SHA256)
    assert target.read_bytes() == OTHER
    assert "there now is not the right one" in said


def test_redirects_are_followed_with_the_range(server, target):
    server.plan("/real", Answer(BODY, cut=20_000), Answer(BODY))
    url = server.plan("/moved", Answer(b"", 302, headers={"Location": "/real"}))
    fetch(url, target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY
    assert ("/real", "bytes=20000-") in server.requests


def test_a_redirect_in_a_circle_is_given_up(server, target):
    url = server.plan("/round", Answer(b"", 302, headers={"Location": "/round"}))
    assert "could not be downloaded" in refused(url, target)


# ---- interruptions ---------------------------------------------------------------------------


def test_a_body_cut_off_is_continued_where_it_stopped(server, target):
    cuts = [Answer(BODY, cut=n) for n in (10_000, 15_000, 5_000, 1)]
    fetch(server.plan("/a", *cuts, Answer(BODY)), target, sha256=SHA256, size=len(BODY), **QUICK)
    assert target.read_bytes() == BODY
    asked = [asked for _, asked in server.requests]
    assert asked == [None, "bytes=10000-", "bytes=25000-", "bytes=30000-", "bytes=30001-"]


def test_more_interruptions_than_retries_are_fine_while_each_brings_something(server, target):
    cuts = [Answer(BODY, cut=4_000)] * 10
    fetch(server.plan("/a", *cuts, Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY


def test_a_server_that_hangs_is_left_after_the_timeout_and_what_came_is_kept(server, target):
    url = server.plan("/a", Answer(BODY, cut=12_345, hang=True), Answer(BODY))
    fetch(url, target, sha256=SHA256, **{**QUICK, "timeout": 0.2})
    assert target.read_bytes() == BODY
    assert server.requests[1] == ("/a", "bytes=12345-")


def test_a_server_that_never_answers_is_given_up(target):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a"
        said = refused(url, target, timeout=0.1, retries=1)
    assert "does not answer within 0.1 s" in said


def test_a_download_stopped_in_one_call_goes_on_in_the_next(server, target):
    url = server.plan("/a", Answer(BODY, cut=30_000), Answer(b"", 404))
    refused(url, target, sha256=SHA256)
    assert not target.exists()
    assert "file.bin.part" in beside(target)
    server.requests.clear()
    fetch(server.plan("/a", Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert server.requests == [("/a", "bytes=30000-")]
    assert target.read_bytes() == BODY
    assert beside(target) == ["file.bin"]


def test_ctrl_c_keeps_what_came(server, target, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    url = server.plan("/a", Answer(BODY, cut=30_000), Answer(BODY))
    with monkeypatch.context() as patch:
        patch.setattr(transfer.time, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch(url, target, sha256=SHA256, **QUICK)
    assert not target.exists()
    fetch(url, target, sha256=SHA256, **QUICK)
    assert server.requests[-1] == ("/a", "bytes=30000-")


def test_a_server_without_ranges_makes_it_start_over_cleanly(server, target):
    url = server.plan("/a", Answer(BODY, cut=20_000, ranges=False), Answer(BODY, ranges=False))
    fetch(url, target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("known", [{"sha256": SHA256}, {}], ids=["checksum", "version alone"])
def test_a_server_that_sends_another_range_than_asked_is_asked_for_none(server, target, known):
    tag = {"ETag": '"1"'}
    cut, shifted = Answer(BODY, cut=20_000, headers=tag), Answer(BODY, shift=-7, headers=tag)
    fetch(server.plan("/a", cut, shifted, cut, shifted), target, **known, **QUICK)
    assert target.read_bytes() == BODY
    assert [asked for _, asked in server.requests] == [None, "bytes=20000-", None, None]


def test_a_file_changed_on_the_server_is_never_mixed_with_its_old_beginning(server, target):
    url = server.plan(
        "/a",
        Answer(OTHER, cut=20_000, headers={"ETag": '"1"'}),
        Answer(BODY, headers={"ETag": '"2"'}),
    )
    fetch(url, target, **QUICK)  # no checksum that could tell: the version must
    assert target.read_bytes() == BODY


def test_a_changed_length_alone_is_noticed(server, target):
    tag = {"ETag": '"never changed"'}
    url = server.plan(
        "/a", Answer(OTHER, cut=20_000, headers=tag), Answer(BODY + b"more", headers=tag)
    )
    fetch(url, target, **QUICK)
    assert target.read_bytes() == BODY + b"more"


def test_without_version_or_checksum_nothing_is_continued(server, target):
    url = server.plan("/a", Answer(OTHER, cut=20_000), Answer(BODY))
    fetch(url, target, **QUICK)
    assert target.read_bytes() == BODY
    assert [asked for _, asked in server.requests] == [None, None]


def test_a_beginning_left_by_another_file_is_found_out(server, target):
    target.parent.mkdir()
    target.with_name("file.bin.part").write_bytes(OTHER[:20_000])
    fetch(server.plan("/a", Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("left", [len(BODY), len(BODY) + 10])
def test_a_part_as_long_as_the_file_or_longer_is_settled(server, target, left):
    """416 when everything is there; a part that is too long is thrown away."""
    target.parent.mkdir()
    target.with_name("file.bin.part").write_bytes((BODY + bytes(10))[:left])
    fetch(server.plan("/a", Answer(BODY)), target, sha256=SHA256, **QUICK)
    assert target.read_bytes() == BODY
    assert beside(target) == ["file.bin"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cuts=st.lists(st.integers(0, 60_000), max_size=4),
    ranges=st.booleans(),
    checksum=st.booleans(),
    tagged=st.booleans(),
)
def test_any_cut_points_give_the_same_file(server, cuts, ranges, checksum, tagged):
    headers = {"ETag": '"v"'} if tagged else {}
    honest = Answer(BODY, ranges=ranges, headers=headers)
    answers = [Answer(BODY, cut=cut, ranges=ranges, headers=headers) for cut in cuts]
    folder = Path(tempfile.mkdtemp())
    try:
        url = server.plan("/law", *answers, honest)
        known = {"sha256": SHA256} if checksum else {}
        fetch(url, folder / "file.bin", **{**QUICK, "retries": 5}, **known)
        assert (folder / "file.bin").read_bytes() == BODY
        assert [path.name for path in folder.iterdir()] == ["file.bin"]
    finally:
        shutil.rmtree(folder)


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
