"""A file arrives whole, however often the way to it breaks."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.data import transfer
from course_utils.data.download import fetch
from tests.course_utils.downloads import BODY, MD5, OTHER, QUICK, SHA256, beside, refused
from tests.course_utils.local_server import Answer

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
