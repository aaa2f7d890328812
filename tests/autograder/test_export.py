"""Rosters of Canvas and Moodle come back as they were, but for the scores; nobody is lost on the way."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.course import CourseError, Lab
from autograder.export import canvas, moodle
from autograder.export.roster import Person, match
from autograder.export.sheet import Sheet, parse, read_sheet
from autograder.results import Result

LAB = Lab("lab1_adversarial", "Adversarial examples", 100)
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Adversarial examples (771),"
    "Robustness (772),Assignments Current Score,Final Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,100.00,100.00,(read only),(read only)\r\n"
    '"Doe, Jane",1001,s-77,jdoe,"Section 1, and Section 2",,55.00,50.0,50.0\r\n'
    '"O""Neill, Åsa",1002,s-78,aoneill@uni.edu,Section 1,12.00,,,\r\n'
    '"Roe, Max",1003,s-79,mroe,Section 1,EX,,,\r\n'
    '"Student, Test",1099,,b1f2c3,Section 1,,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 501,"Jane Doe",jdoe@uni.edu,"Submitted for grading - ",,100.00,Yes,'
    '"Monday, 7 December 2026, 9:00 AM",-,\n'
    'Participant 502,"Åsa O""Neill",aoneill@uni.edu,"No submission - ",,100.00,Yes,-,-,"well, ""ok"""\n'
    'Participant 503,"Max Roe",mroe@uni.edu,"Submitted",40.00,100.00,No,-,-,\n'
)


def results(**scores: float) -> dict[str, Result]:
    return {
        who: Result(who, LAB.name, "graded", score, 100, key="k") for who, score in scores.items()
    }


def written(tmp_path, text: str, name: str = "roster.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def as_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_canvas_gets_its_own_file_back_with_the_scores_in_it(tmp_path):
    path = written(tmp_path, CANVAS)
    filled = canvas.fill(path, LAB, results(jdoe=87.5, aoneill=60))
    filled.sheet.write(tmp_path / "out.csv")
    expected = CANVAS.replace('Section 2",,55', 'Section 2",87.5,55').replace(",12.00,", ",60,")
    assert (tmp_path / "out.csv").read_bytes().decode() == expected
    assert path.read_bytes().decode() == CANVAS
    assert (filled.filled, filled.no_result) == (["jdoe", "aoneill"], ["Roe, Max"])


def test_canvas_excused_stays_excused_and_strangers_are_named(tmp_path):
    filled = canvas.fill(written(tmp_path, CANVAS), LAB, results(mroe=90, zoe=10))
    assert filled.kept == [("Roe, Max", "excused in Canvas")]
    assert filled.not_in_roster == ["zoe"]
    assert filled.sheet.text() == CANVAS.removeprefix("\ufeff")


@pytest.mark.parametrize("who", ["1001", "s-77", "JDoe", "doejane", "Jane Doe", "Doe, Jane"])
def test_canvas_knows_people_by_any_of_their_ids_or_names(tmp_path, who):
    filled = canvas.fill(written(tmp_path, CANVAS), LAB, results(**{who: 80}))
    assert filled.filled == [who]
    assert as_rows(filled.sheet.text())[3][5] == "80"


def test_canvas_first_and_last_names_in_two_columns(tmp_path):
    text = "LastName,FirstName,ID,SIS Login ID,Section,Adversarial examples (9)\nDoe,Jane,1,jd,A,\n"
    filled = canvas.fill(written(tmp_path, text), LAB, results(doejane=70))
    assert filled.sheet.text().endswith("Doe,Jane,1,jd,A,70\n")


def test_canvas_with_semicolons(tmp_path):
    text = CANVAS.replace(",", ";").replace("Doe; Jane", "Doe, Jane")
    filled = canvas.fill(written(tmp_path, text), LAB, results(jdoe=87.5))
    assert ";87.5;55.00" in filled.sheet.text()


def test_a_lab_that_is_worth_something_else_there_is_refused_or_scaled(tmp_path):
    path = written(tmp_path, CANVAS.replace("100.00,100.00", "20.00,100.00"))
    with pytest.raises(CourseError, match=r"20 points, but lab1_adversarial has 100.*--scale"):
        canvas.fill(path, LAB, results(jdoe=87.5))
    filled = canvas.fill(path, LAB, results(jdoe=87.5), scale=True)
    assert as_rows(filled.sheet.text())[3][5] == "17.5"


def test_the_column_is_found_by_title_or_short_name_and_never_guessed(tmp_path):
    def target(*titles: str, column: str = "") -> str:
        header = "Student,ID,SIS Login ID,Section," + ",".join(titles)
        path = written(tmp_path, f"{header}\nD,1,jdoe,A{',' * len(titles)}\n")
        return canvas.fill(path, LAB, results(jdoe=1), column).column

    assert target("Lab 12 (1)", "Lab 1: attacks (2)") == "Lab 1: attacks (2)"
    assert target("Lab 1 (1)", "Adversarial Examples (2)") == "Adversarial Examples (2)"
    assert target("One (1)", "Two (2)", column="Two") == "Two (2)"
    assert target("One (1)", "Two (2)", column="1") == "One (1)"
    with pytest.raises(
        CourseError, match=r"several columns may be .*'Lab 1 a', 'Lab 1 b'.*--column"
    ):
        target("Lab 1 a (1)", "Lab 1 b (2)")
    with pytest.raises(CourseError, match=r"no column is called .*it has: 'One', 'Two'.*--column"):
        target("One (1)", "Two (2)")


def test_moodle_gets_its_own_worksheet_back_with_the_grades_in_it(tmp_path):
    path = written(tmp_path, MOODLE)
    filled = moodle.fill(path, LAB, results(**{"Jane Doe": 87.25, "502": 60, "mroe": 1, "zoe": 9}))
    expected = MOODLE.replace('grading - ",,', 'grading - ",87.25,').replace(
        'submission - ",,', 'submission - ",60,'
    )
    assert filled.sheet.text() == expected
    assert filled.kept == [("Max Roe", "Moodle says that the grade can't be changed")]
    assert filled.not_in_roster == ["zoe"]


@pytest.mark.parametrize(
    "who", ["Participant 501", "501", "Participant_501", "jdoe", "jdoe@uni.edu"]
)
def test_moodle_knows_people_by_number_or_email(tmp_path, who):
    assert moodle.fill(written(tmp_path, MOODLE), LAB, results(**{who: 1})).filled == [who]


def test_moodles_gradebook_is_filled_in_the_labs_column(tmp_path):
    text = (
        '"First name",Surname,"ID number","Email address","Assignment: Robustness (Real)",'
        '"Assignment: Adversarial examples (Real)","Last downloaded from this course"\n'
        "Jane,Doe,77,jdoe@uni.edu,-,-,1765000000\n"
    )
    filled = moodle.fill(written(tmp_path, text), LAB, results(janedoe=91))
    assert filled.sheet.text() == text.replace("-,-,", "-,91,")


@pytest.mark.parametrize(
    ("fill", "text", "told"),
    [
        (canvas.fill, MOODLE, "is no gradebook of Canvas"),
        (moodle.fill, CANVAS, "is no grading worksheet"),
        (canvas.fill, "", "is no gradebook of Canvas"),
        (canvas.fill, 'Student,"ID\n', "quote in line 1 is never closed"),
        (moodle.fill, MOODLE.replace("100.00", "lots"), "maximum 'lots' is no number"),
        (moodle.fill, MOODLE.replace("Last modified (grade)", "x"), "no column 'Last modified"),
    ],
)
def test_a_wrong_file_is_named_with_the_remedy(tmp_path, fill, text, told):
    with pytest.raises(CourseError, match=told) as caught:
        fill(written(tmp_path, text), LAB, results(jdoe=1))
    assert "roster.csv" in str(caught.value)


def test_a_file_that_is_not_there_or_not_utf8_is_named(tmp_path):
    with pytest.raises(CourseError, match=r"can't read .*nowhere.csv"):
        read_sheet(tmp_path / "nowhere.csv")
    (tmp_path / "excel.csv").write_bytes("Müller".encode("cp1252"))
    with pytest.raises(CourseError, match="not UTF-8"):
        read_sheet(tmp_path / "excel.csv")


def test_what_points_at_two_people_or_two_students_is_an_error(tmp_path):
    twins = [Person(1, "Ann Lee", ("1",), ("Ann Lee",)), Person(2, "Ann Lee", ("2",), ("Ann Lee",))]
    assert match(twins, ["1", "2"], tmp_path) == {1: "1", 2: "2"}
    assert match(twins, ["leeann_2", "Ann Lee_1"], tmp_path) == {2: "leeann_2", 1: "Ann Lee_1"}
    with pytest.raises(
        CourseError, match=r"'annlee' may be Ann Lee \(line 2\) or Ann Lee \(line 3\)"
    ):
        match(twins, ["annlee"], tmp_path)
    with pytest.raises(CourseError, match=r"'Ann' and 'ann' are both Ann \(line 2\)"):
        match([Person(1, "Ann", ("ann",))], ["ann", "Ann"], tmp_path)


def test_the_surer_sign_wins(tmp_path):
    people = [Person(1, "A", ("ann",), ("Bo",)), Person(2, "B", ("7", "bo@x.org"), ("Ann",))]
    assert match(people, ["ann", "bo"], tmp_path) == {1: "ann", 2: "bo"}


FIELD = st.one_of(
    st.text(st.characters(exclude_characters='",;\t\r\n', exclude_categories=["Cs"]), max_size=6),
    st.text(st.sampled_from('ab ",;\n\r'), max_size=6).map(
        lambda text: '"' + text.replace('"', '""') + '"'
    ),
)


@given(st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=5), st.sampled_from(",;\t"))
@example([['"a ""quoted"" one"', ""], [""]], ",")
def test_a_sheet_that_nobody_changes_is_written_as_it_was(rows, delimiter):
    text = "\r\n".join(delimiter.join(fields) for fields in rows)
    sheet = Sheet(*parse(text, delimiter), delimiter)
    assert sheet.text() == text


@given(st.text(st.sampled_from('ab,"\n\r;')))
def test_any_text_is_kept_or_refused(text):
    try:
        rows, ends = parse(text, ",")
    except ValueError:
        return
    assert Sheet(rows, ends, ",").text() == text


@given(
    st.lists(st.lists(FIELD, min_size=3, max_size=3), min_size=1, max_size=4),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
)
def test_a_value_that_is_set_is_read_back_and_disturbs_no_other(rows, value):
    text = "\n".join(",".join(fields) for fields in rows)
    sheet = Sheet(*parse(text, ","), ",")
    before = as_rows(sheet.text())
    sheet.set(0, 1, value)
    assert sheet.value(0, 1) == value
    again = Sheet(*parse(sheet.text(), ","), ",")
    assert again.value(0, 1) == value
    after = as_rows(sheet.text())
    assert [row for row in after[1:]] == before[1:]
    assert (after[0][0], after[0][2]) == (before[0][0], before[0][2])
