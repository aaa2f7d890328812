"""What handing in late costs, in the table, in nbgrader's gradebook and in what it exports."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.course import CourseError, LatePolicy, load_course
from autograder.late import duration, lateness
from autograder.record import Recorder
from autograder.restore import restore
from autograder.results import Check, Graded, Result
from tests.autograder.handed_in import data_of, solved
from tests.autograder.test_record import give, rows
from tests.autograder.tiny import FIXTURES, LAB, copy_course, edit

DEADLINE = datetime(2026, 12, 13, 23, 59, tzinfo=timezone(timedelta(hours=1)))  # 22:59 UTC


def course_with(policy: LatePolicy, **lab):
    course = load_course(FIXTURES)
    one = dataclasses.replace(course.labs[LAB], **{"deadline": DEADLINE, **lab})
    return dataclasses.replace(course, late=policy, labs={LAB: one})


@pytest.mark.parametrize(
    ("stamp", "penalty", "sentence"),
    [
        ("2026-12-13 22:59:00.000000 UTC", 0, ""),
        ("2026-12-13 22:59:30.000000 UTC", 2, "late by 30 s: -2 points"),
        ("2026-12-15 01:59:00.000000 UTC", 4, "late by 1 d 3 h: -4 points"),
        ("2026-12-14 00:30:00.000000 +0100", 2, "late by 31 min: -2 points"),
        ("2026-12-13 17:59:00 -0500", 0, ""),
        ("2026-12-14T00:00:00+01:00", 2, "late by 1 min: -2 points"),
        ("2026-12-14 00:00:00 +3600", 2, "late by 1 min: -2 points"),
        ("2027-03-01 00:00:00.000000 UTC", 10, "late by 77 d 1 h: -10 points"),
        ("", 0, ""),
        ("the other day", 0, ""),
    ],
)
def test_each_day_begun_costs_its_share_up_to_the_most(stamp, penalty, sentence):
    course = course_with(LatePolicy(per_day=10, most=50))
    late = lateness(course, LAB, "ana", stamp)
    assert (late.penalty, late.sentence) == (penalty, sentence)


def test_grace_forgives_what_is_inside_it_and_nothing_after_it():
    course = course_with(LatePolicy(per_hour=5, grace_minutes=15))
    inside, outside = (
        lateness(course, LAB, "ana", f"2026-12-13 23:{minute}:00 UTC") for minute in (14, 15)
    )
    assert (inside.penalty, inside.sentence) == (0, "")
    assert (outside.penalty, outside.sentence) == (1, "late by 16 min: -1 point")


def test_an_extension_is_a_deadline_of_ones_own():
    course = course_with(LatePolicy(per_day=10), extensions={"ana": DEADLINE + timedelta(days=7)})
    stamp = "2026-12-20 22:00:00 UTC"
    assert lateness(course, LAB, "ana", stamp).penalty == 0
    assert lateness(course, LAB, "bo", stamp).penalty == 14


def test_late_without_a_policy_is_told_and_costs_nothing():
    late = lateness(course_with(LatePolicy()), LAB, "ana", "2026-12-14 22:58:00 UTC")
    assert (late.penalty, late.sentence) == (0, "late by 23 h 59 min")


def test_a_lab_without_a_deadline_is_never_late():
    course = course_with(LatePolicy(per_day=10), deadline=None)
    assert lateness(course, LAB, "ana", "2099-01-01 00:00:00 UTC").sentence == ""


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_later_never_costs_less(first, second):
    course = course_with(LatePolicy(per_hour=1.5, grace_minutes=10, most=60))
    costs = [
        lateness(course, LAB, "ana", (DEADLINE + timedelta(seconds=s)).isoformat()).penalty
        for s in sorted((first, second))
    ]
    assert 0 <= costs[0] <= costs[1] <= 12


def test_durations_read_as_people_say_them():
    told = {s: duration(s) for s in (0.2, 59, 60, 3600, 3661, 86400 + 300, 90000)}
    assert list(told.values()) == ["1 s", "59 s", "1 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("[late]\nper_week = 3", "has no 'per_week'; it has: grace_minutes, most, per_day"),
        ("[late]\nper_day = 'ten'", r"per_day = 'ten' must be a number"),
        ("[late]\nper_day = 120", "must be a percentage from 0 to 100"),
        ("[late]\ngrace_minutes = -5", "must be 0 or more"),
        ("[late]\nper_day = 10\nper_hour = 1", "keep one of them"),
        ("[feedback]\nhidden = 'never'", "must be one of 'title', 'diagnosis', 'all'"),
        ("[feedback]\nshow = 1", "has no 'show'"),
        ("[labs.tiny.extensions]\nana = 'friday'", "ana = 'friday' must be a date and time"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path, settings, told):
    copy_course(tmp_path / "course")
    path = tmp_path / "course" / "course.toml"
    path.write_text(path.read_text() + "\n" + settings + "\n")
    with pytest.raises(CourseError, match=told):
        load_course(tmp_path / "course")


def test_settings_are_read(tmp_path):
    copy_course(tmp_path / "course")
    path = tmp_path / "course" / "course.toml"
    more = "[late]\nper_day = 10\n[labs.tiny.extensions]\n'jane doe' = 2030-02-07T23:59:00Z\n"
    path.write_text(path.read_text() + more)
    course = load_course(tmp_path / "course")
    assert course.late == LatePolicy(per_day=10)
    assert course.labs[LAB].extensions["jane doe"].year == 2030


def late_class(built, notebooks, *stamps: str) -> list[Result]:
    """Records a right submission for each timestamp, s0, s1 …; the reading of `course.toml` included."""
    edit(built.home, "settings", "points = 20", "points = 20\n[late]\nper_day = 20\n[labs.tiny.x]")
    text = (built.home / "course.toml").read_text().replace("\n[labs.tiny.x]\ndeadline", "\n#")
    text = text.replace("points = 20\n", "points = 20\ndeadline = 2026-12-13T23:59:00+01:00\n", 1)
    text += "\n[labs.tiny.extensions]\ns3 = 2026-12-16T23:59:00+01:00\n"
    (built.home / "course.toml").write_text(text)
    course = load_course(built.home)
    assignment = nbformat.read(course.source_notebook(LAB), as_version=4)
    recorded = []
    with Recorder(course, LAB, assignment) as recorder:
        for number, stamp in enumerate(stamps):
            student = f"s{number}"
            folder = course.submitted / student / LAB
            folder.mkdir(parents=True)
            if stamp:
                (folder / "timestamp.txt").write_text(stamp + "\n")
            restored = restore(solved(notebooks), assignment, LAB)
            checks = [
                Check("test_doubled", 5, 5.0, ran=True),
                Check("test_doubled_2", 3, 0.0, ran=True),
                Check("test_mean", 7, 0.0, ran=True),
                Check("written", 5, None, manual=True, ran=True),
            ]
            result = Result(student, LAB, "needs-manual", 5, 20, checks=checks)
            recorded.append(recorder.record(Graded(result, data_of(restored.notebook))))
    return recorded


STAMPS = ("2026-12-13 20:00:00 UTC", "2026-12-14 20:00:00 UTC", "", "2026-12-16 20:00:00 UTC")


def test_the_score_is_after_the_penalty_and_the_reason_says_so(built, tiny_notebooks):
    in_time, late, unknown, extended = late_class(built, tiny_notebooks, *STAMPS)
    assert [one.score for one in (in_time, late, unknown, extended)] == [5, 1, 5, 5]
    assert late.reason == "late by 21 h 1 min: -4 points"
    assert [one.late for one in (in_time, unknown, extended)] == ["", "", ""]


def test_nbgrader_exports_the_penalty_and_points_given_later_do_not_escape_it(
    built, tiny_notebooks
):
    late_class(built, tiny_notebooks, *STAMPS, "2026-12-15 20:00:00 UTC")
    exported = {row["student_id"]: row for row in rows(built)}
    assert [exported[f"s{n}"]["score"] for n in range(5)] == ["5.0", "1.0", "5.0", "5.0", "0.0"]
    assert exported["s4"]["late_submission_penalty"] == "8.0"
    give(built, "s4", "written", 5)
    assert {row["student_id"]: row["score"] for row in rows(built)}["s4"] == "2.0"


def test_nbgrader_agrees_on_who_is_late(built, tiny_notebooks):
    late_class(built, tiny_notebooks, *STAMPS)
    with Gradebook(f"sqlite:///{built.gradebook}", built.id) as book:
        book.find_assignment(LAB).duedate = DEADLINE.astimezone(UTC).replace(tzinfo=None)
        late = [book.find_submission(LAB, f"s{n}").total_seconds_late for n in range(4)]
    assert late == [0, 21 * 3600 + 60, 0, 0]
