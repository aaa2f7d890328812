"""`autograder release` into a folder that it wrote before: brought up to date, and nothing else touched."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.build import build, release
from autograder.build.in_place import LIST, listing, update, written_before
from autograder.course import Course, CourseError
from tests.autograder.tiny import LAB, copy_course, edit, quiet

PROJECT = Path(__file__).parents[2]
FIRST = {"README.md": b"one", "docs/a.md": b"a", "docs/old/b.md": b"b", "same.txt": b"same"}
SECOND = {"README.md": b"two", "docs/a.md": b"a", "same.txt": b"same", "new/c.md": b"c"}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where a first release was written."""
    update(tmp_path / "public", FIRST, {}, quiet)
    return tmp_path / "public"


def again(folder: Path) -> list[str]:
    """Writes the second release there -> what was said."""
    said: list[str] = []
    update(folder, SECOND, written_before(folder), said.append)
    return said


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != LIST
    }


def test_what_was_written_before_is_replaced_and_what_is_no_longer_written_goes(folder):
    kept = (folder / "same.txt").stat().st_mtime_ns
    assert again(folder) == ["removed: docs/old/b.md"]
    assert held(folder) == SECOND
    assert not (folder / "docs/old").exists()
    assert (folder / "same.txt").stat().st_mtime_ns == kept
    assert written_before(folder) == {
        path: hashlib.sha256(content).hexdigest() for path, content in SECOND.items()
    }


def test_own_files_stay_also_beside_what_goes(folder):
    for own in ("notes.md", "docs/old/mine.md", ".git/HEAD"):
        (folder / own).parent.mkdir(exist_ok=True)
        (folder / own).write_text("mine")
    again(folder)
    assert held(folder) == SECOND | dict.fromkeys(
        ("notes.md", "docs/old/mine.md", ".git/HEAD"), b"mine"
    )


def test_what_was_changed_there_by_hand_is_lost_and_said(folder):
    (folder / "README.md").write_text("mended by hand")
    (folder / "docs/old/b.md").write_text("mended by hand")
    (folder / "new").mkdir()
    (folder / "new/c.md").write_text("somebody's own")
    assert again(folder) == [
        "removed: docs/old/b.md, which was changed there by hand",
        "overwritten: README.md, which was changed or made there by hand",
        "overwritten: new/c.md, which was changed or made there by hand",
    ]
    assert held(folder) == SECOND


def test_a_file_that_somebody_deleted_comes_back_or_stays_away(folder):
    (folder / "README.md").unlink()
    (folder / "docs/old/b.md").unlink()
    assert again(folder) == []
    assert held(folder) == SECOND


@pytest.mark.parametrize("line", ["../outside", "/etc/outside", "", "a/../../outside"])
def test_a_list_that_names_files_outside_of_the_folder_is_refused(folder, line):
    (folder.parent / "outside").write_text("not ours")
    with (folder / LIST).open("a") as file:
        file.write(f"{'0' * 64}  {line}\n")
    with pytest.raises(CourseError, match=r"\.course-files, line 5: .* is no checksum and path"):
        again(folder)
    assert (folder.parent / "outside").exists()
    assert held(folder) == FIRST


def test_what_stands_in_the_way_is_named_before_anything_is_written(folder):
    (folder / "new").write_text("a file where a folder belongs")
    with pytest.raises(CourseError, match=r"new is not a folder, and new/c\.md belongs into it"):
        again(folder)
    assert held(folder) == FIRST | {"new": b"a file where a folder belongs"}
    (folder / "new").unlink()
    (folder / "new").symlink_to(folder.parent)
    with pytest.raises(CourseError, match="move it away"):
        again(folder)


def test_sha256sum_reads_the_list(folder):
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not installed here")
    subprocess.run(["sha256sum", "--check", "--quiet", LIST], cwd=folder, check=True)
    assert listing(FIRST) == (folder / LIST).read_bytes()


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """The tiny course, built."""
    course = copy_course(tmp_path_factory.mktemp("in place") / "course")
    for name in ("pyproject.toml", "constraints.txt", "LICENSE"):
        shutil.copy(PROJECT / name, course.home / name)
    assert build(course, report=quiet).ok
    return course


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    return subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_in_a_checkout_of_the_public_repository_git_sees_just_what_changed(course, tmp_path):
    if not shutil.which("git"):
        pytest.skip("git is not installed here")
    public = tmp_path / "public"
    public.mkdir()
    git(public, "init", "--quiet")
    release(course, [LAB], public, report=quiet)  # an empty repository is an empty folder
    (public / "notes.md").write_text("the instructor's own")
    git(public, "add", ".")
    git(public, "commit", "--quiet", "-m", "first")

    release(course, [LAB], public, report=quiet)
    assert git(public, "status", "--porcelain") == ""

    edit(course.home, "lab", "Implement each one", "Write each one")
    (public / "README.md").write_text("changed by hand")
    said: list[str] = []
    release(course, [LAB], public, report=said.append)
    assert git(public, "status", "--porcelain").splitlines() == [
        f" M {LIST}",
        f" M notebooks/labs/{LAB}.ipynb",
    ]
    assert "overwritten: README.md, which was changed or made there by hand" in said
    assert git(public, "diff", "--stat", "--", "notebooks").count("|") == 1
