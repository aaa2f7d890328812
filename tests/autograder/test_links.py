"""A link opens a notebook of the public repository on the course's hub; course.toml says which."""

from __future__ import annotations

import dataclasses
import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest

from autograder import cli
from autograder.build import bundle
from autograder.build.links import links_of, puller_link
from autograder.course import CourseError, load_course
from tests.autograder.tiny import LAB, LECTURE, copy_course, edit

HUB = 'repository = "someone/tiny-course"'


@pytest.fixture
def course(tmp_path):
    settings = f'{HUB}\nhub = "https://hub.example.edu/"\nbranch = "2026 autumn"'
    return copy_course(tmp_path / "course", settings=(HUB, settings))


def test_a_link_asks_the_hub_for_the_repository_and_the_notebook(course):
    link = urlsplit(puller_link(course, f"notebooks/labs/{LAB}.ipynb"))
    assert (link.scheme, link.netloc) == ("https", "hub.example.edu")
    assert link.path == "/hub/user-redirect/git-pull"
    assert parse_qs(link.query) == {
        "repo": ["https://github.com/someone/tiny-course"],
        "branch": ["2026 autumn"],
        "urlpath": [f"lab/tree/tiny-course/notebooks/labs/{LAB}.ipynb"],
    }


def test_a_link_can_be_pasted_anywhere(course):
    link = puller_link(course, "notebooks/labs/what & why #1.ipynb")
    assert not set(' <>"#') & set(link)
    (path,) = parse_qs(urlsplit(link).query)["urlpath"]
    # what nbgitpuller puts into the address once more, so its own characters stay quoted
    assert path == "lab/tree/tiny-course/notebooks/labs/what%20%26%20why%20%231.ipynb"


def test_every_lab_released_and_every_lecture_has_a_link(course):
    labs, lectures = links_of(course, [LAB]), links_of(course, [])
    assert len(labs) == len(lectures) + 1
    assert f"{LAB}.ipynb" in labs[0]
    assert f"{LECTURE}.ipynb" in lectures[0]


@pytest.mark.parametrize("lacking", ["hub", "repository"])
def test_without_a_hub_or_a_repository_there_is_none(course, lacking):
    assert links_of(dataclasses.replace(course, **{lacking: ""}), [LAB]) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://hub.example.edu", "https://hub.example.edu"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://example.edu/jupyter/hub/", "https://example.edu/jupyter"),
        ("", ""),
    ],
)
def test_the_address_may_end_as_people_copy_it(tmp_path, written, read):
    course = copy_course(tmp_path / "course", settings=(HUB, f'{HUB}\nhub = "{written}"'))
    assert course.hub == read


@pytest.mark.parametrize(
    "written",
    [
        *('"hub.example.edu"', '"ftp://hub.example.edu"', '"https://"', '"https://a b"'),
        *('"https://[x"', "true", "8000", '"https://hub.example.edu/?next=1"'),
    ],
)
def test_what_is_no_address_is_named_with_the_remedy(course, written):
    edit(course.home, "settings", '"https://hub.example.edu/"', written)
    with pytest.raises(CourseError) as told:
        load_course(course.home)
    value = tomllib.loads(f"hub = {written}")["hub"]
    assert f"[course] hub = {value!r} must be the address" in str(told.value)
    assert 'as "https://hub.example.edu", or ""' in str(told.value)


def test_release_prints_the_links(course, monkeypatch, capsys):
    """What it writes is another test's."""
    monkeypatch.chdir(course.home)
    monkeypatch.setattr(bundle, "release", lambda course, labs, to, report: course.home)
    monkeypatch.setattr(bundle, "size_of", lambda written: "1 MB")
    with pytest.raises(SystemExit) as left:
        cli.main(lambda: cli.app(["release", LAB, "--to", "public"]))
    assert not left.value.code
    said = capsys.readouterr().out
    assert all(link in said.splitlines() for link in links_of(course, [LAB]))
    assert "hub/user-redirect/git-pull" in said
