"""Whatever a learning platform's export looks like, each submission is its student's, with its time."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.collect import collect, read_submission
from autograder.course import Course, Lab
from autograder.platforms import Told, gradescope_submitters, namesakes, told_by

LAB = "lab1_adversarial"
DEADLINE = datetime(2026, 12, 13, 23, 59, tzinfo=UTC)


@pytest.fixture
def course(tmp_path) -> Course:
    labs = {LAB: Lab(LAB, LAB, 100, DEADLINE), "lab2_robustness": Lab("lab2_robustness", "", 100)}
    return Course(tmp_path, tmp_path / "course", "c", "t", "", "", labs)


def zipped(path: Path, files: dict[str, str | bytes], date=(2026, 12, 20, 9, 0, 0)) -> Path:
    """An archive as platforms make them: every entry has the time of the download."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, date), content)
    return path


def taken(course: Course, *paths: Path) -> dict[str, str]:
    """Student -> what was collected, or why nothing was."""
    students = collect(course, LAB, paths).students
    found = {student: read_submission(course, LAB, student) for student in students}
    return {student: data.decode() if data else why for student, (data, why) in found.items()}


def time_of(course: Course, student: str) -> str:
    return (course.submitted / student / LAB / "timestamp.txt").read_text().strip()


NAMES = {
    f"lopezana_12345_67890_{LAB}.ipynb": Told("lopezana", "12345", late=False),
    f"lópezana_LATE_12345_67890_{LAB}-1": Told("lópezana", "12345", late=True),
    "lopezana_12345_text": Told("lopezana", "12345", late=False),
    "lopezana_LATE_12345_link.html": Told("lopezana", "12345", late=True),
    f"anon_Ab3dE_67890_{LAB}": Told("anon_Ab3dE", "", late=False),
    f"LATE_anon_Ab3dE_67890_{LAB}": Told("anon_Ab3dE", "", late=True),
    "Ana Lopez_123456_assignsubmission_file_": Told("Ana Lopez", "123456"),
    "Ana Lopez_123456_assignsubmission_file": Told("Ana Lopez", "123456"),
    "Ana Lopez_123456_assignsubmission_file_my lab": Told("Ana Lopez", "123456"),
    "Participant 7_123456_assignsubmission_onlinetext_": Told("Participant 7", "123456"),
    f"ana+{LAB}+2026-11-22 10:00:00.000000 UTC+x1Y-": Told(
        "ana", when="2026-11-22 10:00:00.000000 UTC"
    ),
    f"ana+{LAB}+2026-11-22 10:00:00 UTC": Told("ana", when="2026-11-22 10:00:00 UTC"),
    "ana+lab2_robustness+2026-11-22 10:00:00 UTC+x1": None,
    "student_01": None,
    "ana_lopez": None,
    "12345_67890_work": None,
    f"ana_{LAB}": None,
    "Lab 1": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_names_that_platforms_give_are_read(name):
    assert told_by(name, LAB) == NAMES[name]


@pytest.mark.parametrize(
    "name",
    [
        f"Lab 1_jdoe_attempt_2026-11-20-10-22-33_{LAB}",
        "12345-67890 - jdoe - Nov 20, 2026 1022 AM",
        "12345-67890 - jdoe - November 20, 2026 10:22 AM",
    ],
)
def test_platforms_that_name_the_minute_are_believed(name, monkeypatch):
    told = told_by(name, LAB)
    assert told.who == "jdoe"
    here = datetime.strptime(told.when, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).astimezone()
    assert (here.day, here.hour, here.minute) == (20, 10, 22)


def test_people_of_one_name_are_told_apart_by_their_numbers():
    same = [Told("Ana", "1"), Told("ana", "2"), Told("Bo", "3"), Told("Bo", "3")]
    assert namesakes(same) == {"ana"}


def test_canvas_archive(course, tmp_path):
    bulk = zipped(
        tmp_path / "bulk.zip",
        {
            f"lopezana_12345_1_{LAB}.ipynb": "ana's",
            f"kimbo_LATE_22222_2_Copy of {LAB} (1).ipynb": "bo's",
            f"leecy_33333_3_{LAB}-1.ipynb": "cy's second",
            "roedi_44444_text.html": "I could not upload it",
            "smithjo_55555_5_work.ipynb": "one Jo's",
            "smithjo_66666_6_work.ipynb": "another Jo's",
            "foxeve_77777_7_handin.zip": zipped(
                tmp_path / "eve.zip", {f"lab/{LAB}.ipynb": "eve's"}
            ).read_bytes(),
        },
    )
    found = taken(course, bulk)
    assert found == {
        "lopezana": "ana's",
        "kimbo": "bo's",
        "leecy": "cy's second",
        "roedi": "no notebook was handed in, but roedi_44444_text.html",
        "smithjo_55555": "one Jo's",
        "smithjo_66666": "another Jo's",
        "foxeve": "eve's",
    }


def test_canvas_says_only_whether_somebody_was_late(course, tmp_path):
    """The archive was downloaded a week after the deadline: its times are nobody's fault."""
    names = {f"{who}_1{i}_2{i}_{LAB}.ipynb": who for i, who in enumerate(["ana", "bo_LATE"])}
    taken(course, zipped(tmp_path / "bulk.zip", names))
    assert time_of(course, "ana") == "2026-12-13 23:59:00.000000 UTC"
    assert time_of(course, "bo") == "2026-12-13 23:59:01.000000 UTC"


def test_who_canvas_calls_late_is_late_by_a_second_beyond_the_grace(course, tmp_path):
    course = dataclasses.replace(course, late=dataclasses.replace(course.late, grace_minutes=10))
    taken(course, zipped(tmp_path / "bulk.zip", {f"bo_LATE_1_2_{LAB}.ipynb": "bo"}))
    assert time_of(course, "bo") == "2026-12-14 00:09:01.000000 UTC"


def test_moodle_archive(course, tmp_path):
    bulk = zipped(
        tmp_path / "bulk.zip",
        {
            f"Ana López_111_assignsubmission_file_/{LAB}.ipynb": "ana's",
            "Ana López_111_assignsubmission_onlinetext_/onlinetext.html": "see my notebook",
            "Bo Kim_222_assignsubmission_file_/sub/work.ipynb": "bo's",
            "Cy Lee_333_assignsubmission_onlinetext_/onlinetext.html": "my laptop broke",
            "Jo Roe_444_assignsubmission_file/a.ipynb": "one Jo's",
            "Jo Roe_555_assignsubmission_file/a.ipynb": "another Jo's",
        },
    )
    found = taken(course, bulk)
    assert found.pop("Cy Lee") == "no notebook was handed in, but onlinetext.html"
    assert found == {
        "Ana López": "ana's",
        "Bo Kim": "bo's",
        "Jo Roe_444": "one Jo's",
        "Jo Roe_555": "another Jo's",
    }


def test_moodle_archive_without_folders(course, tmp_path):
    names = [f"{who}_{i}_assignsubmission_file_work.ipynb" for i, who in enumerate("ab")]
    assert taken(course, zipped(tmp_path / "bulk.zip", dict.fromkeys(names, "x"))).keys() == {
        "a",
        "b",
    }


GRADESCOPE = """\
submission_100:
  :submitters:
  - :name: Ana López
    :sid: '4711'
    :email: ana@example.edu
  :created_at: 2026-12-13 20:00:00.123456 -05:00
  :score: 0.0
  :results:
    tests: []
  :history:
  - :id: 99
    :created_at: 2026-12-01 20:00:00.000000 Z
submission_200:
  :submitters:
  - :name: Bo Kim
    :sid:
    :email: bo@example.edu
  - :name: Cy Lee
    :email:
  :created_at: 2026-12-13 10:00:00 Z
submission_300: nonsense
"""


def test_gradescope_archive(course, tmp_path):
    root = "assignment_9_export"
    bulk = zipped(
        tmp_path / "bulk.zip",
        {
            f"{root}/submission_metadata.yml": GRADESCOPE,
            f"{root}/submission_100/{LAB}.ipynb": "ana's",
            f"{root}/submission_100/submission_metadata.yml": "submission_100: mine",
            f"{root}/submission_200/work/{LAB}.ipynb": "the pair's",
            f"{root}/submission_300/{LAB}.ipynb": "somebody's",
        },
    )
    assert taken(course, bulk) == {
        "4711": "ana's",
        "bo@example.edu": "the pair's",
        "Cy Lee": "the pair's",
        "submission_300": "somebody's",
    }
    assert time_of(course, "4711") == "2026-12-14 01:00:00.123456 UTC"
    assert time_of(course, "Cy Lee") == "2026-12-13 10:00:00.000000 UTC"


@pytest.mark.parametrize("unpacked", [False, True], ids=["zip", "folder"])
def test_gradescope_archive_of_one_submission(course, tmp_path, unpacked):
    bulk = zipped(
        tmp_path / "bulk.zip",
        {
            "assignment_9_export/submission_metadata.yml": GRADESCOPE,
            f"assignment_9_export/submission_100/{LAB}.ipynb": "ana's",
        },
    )
    if unpacked:
        zipfile.ZipFile(bulk).extractall(tmp_path / "all")
        bulk = tmp_path / "all"
    assert taken(course, bulk) == {"4711": "ana's"}


@pytest.mark.parametrize(
    "text",
    ["", "- a", "a: [", "a: &a [*a, *a]", "submission_1: {':submitters': 7}", "\x00", "a: " * 9],
)
def test_a_broken_gradescope_file_says_nothing(tmp_path, text):
    (tmp_path / "x.yml").write_text(text)
    assert not any(gradescope_submitters(tmp_path / "x.yml").values())


def test_of_several_in_the_exchange_the_last_counts_whatever_the_files_times(course, tmp_path):
    inbound = tmp_path / "inbound"
    for hour in (10, 12, 11):
        stamp = f"2026-12-13 {hour}:00:00.000000 UTC"
        folder = inbound / f"ana+{LAB}+{stamp}+x{hour}"
        folder.mkdir(parents=True)
        (folder / f"{LAB}.ipynb").write_text(str(hour))
        (folder / "timestamp.txt").write_text(stamp)
        os.utime(folder / f"{LAB}.ipynb", (1e9 - 1e6 * hour, 1e9 - 1e6 * hour))
    other = inbound / "ana+lab2_robustness+2026-12-13 13:00:00.000000 UTC+x"
    other.mkdir()
    (other / "lab2_robustness.ipynb").write_text("another lab's")
    assert taken(course, inbound) == {"ana": "12"}
    assert time_of(course, "ana") == "2026-12-13 12:00:00.000000 UTC"


def test_the_exchanges_folder_name_tells_the_time_where_its_file_is_lost(course, tmp_path):
    folder = tmp_path / "in" / f"ana+{LAB}+2026-12-13 10:00:00.000000 UTC+x1"
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_text("x")
    taken(course, tmp_path / "in")
    assert time_of(course, "ana") == "2026-12-13 10:00:00.000000 UTC"
