"""What a student gets back: everything that helps, nothing hidden, and nothing that could run."""

from __future__ import annotations

import dataclasses
import re

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.build.register import write_config
from autograder.course import HIDDEN_ALL, HIDDEN_DIAGNOSIS, load_course
from autograder.export.gradescope import results_json
from autograder.feedback import feedback_page, page_of, write_feedback
from autograder.pages import printable, student_markdown
from autograder.promises import A_HIDDEN_CHECK, BROKEN, KEPT, NOT_REACHED, promises_of, tell
from autograder.results import Check
from tests.autograder.graded_class import hand_in, result_of, stands
from tests.autograder.handed_in import cell_of, solved, with_cell
from tests.autograder.test_formgrader import nbgrader
from tests.autograder.test_record import give
from tests.autograder.tiny import LAB, edit

HIDDEN = "the mean of nothing should be NaN, not an error"
EVIL = '<script>alert("evil")</script>'


def shown(course, result, submission) -> str:
    """The page's text as it lies on disk."""
    hand_in(course, result, submission)
    write_feedback(stands(course))
    return page_of(course, LAB, result.student).read_text(encoding="utf-8")


def test_every_check_has_its_points_and_diagnosis(built, tiny_notebooks):
    diagnosis = "the list that was given has changed: build a new one"
    text = shown(built, result_of("ana", {"test_doubled_2": diagnosis}), solved(tiny_notebooks))
    for part in ("Two small functions", "<strong>ana</strong>", "5 of 8", "7 of 7", diagnosis):
        assert part in text, part
    assert "2026-12-01 10:00 UTC" in text
    assert "5 points still open" in text
    assert "When a few of them are far away." in text


def test_limits_repairs_and_lateness_are_told(built, tiny_notebooks):
    edit(built.home, "settings", "points = 20", "points = 20 #")
    with (built.home / "course.toml").open("a") as file:
        file.write("\n[late]\nper_day = 10\n")
    settings = (built.home / "course.toml").read_text()
    (built.home / "course.toml").write_text(settings.replace("2030-01-31", "2026-11-30"))
    result = result_of("ana", limits=["cell `mean` ran too long"], repairs=["was in format 3"])
    text = shown(load_course(built.home), result, solved(tiny_notebooks))
    assert "cell `mean` ran too long" in text
    assert "was in format 3" in text
    assert re.search(r"Late by .*: -2 points\.", text)
    assert re.search(r'class="score">13 <small>of 20', text)


def test_what_a_person_gave_and_wrote_is_there(built, tiny_notebooks):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    give(built, "ana", "written", 4)
    with Gradebook(f"sqlite:///{built.gradebook}", built.id) as book:
        book.find_comment("written", LAB, LAB, "ana").manual_comment = f"Nearly. {EVIL}"
        book.find_comment("mean", LAB, LAB, "ana").manual_comment = "Elegant!"
        book.db.commit()
    text = feedback_page(stands(built), stands(built).results[0]).decode()
    assert "4 of 5" in text
    assert "Nearly. &lt;script&gt;" in text
    assert "Elegant!" in text
    assert "still open" not in text
    assert re.search(r'class="score">19 <small>of 20 points</small>', text)


def test_of_a_hidden_check_only_the_title_is_told(built, tiny_notebooks):
    result = result_of("ana", {"test_mean": f"{HIDDEN} (also: cell `mean` failed: secret 0.123)"})
    text = shown(built, result, solved(tiny_notebooks))
    assert HIDDEN in text
    assert "hidden check" in text
    for secret in ("0.123", "math.isnan", "assert doubled([])", "HIDDEN TESTS"):
        assert secret not in text, secret


def test_an_error_in_a_cell_with_hidden_checks_gives_no_value_of_theirs_away(built, tiny_notebooks):
    text = shown(built, result_of("ana", {"test_mean": "KeyError: -3.5"}), solved(tiny_notebooks))
    assert A_HIDDEN_CHECK in text
    assert "-3.5" not in text


def test_the_course_may_tell_more(built, tiny_notebooks):
    result = result_of("ana", {"test_mean": f"{HIDDEN} (also: 0.123)"})
    hand_in(built, result, solved(tiny_notebooks))
    for policy, source in ((HIDDEN_DIAGNOSIS, False), (HIDDEN_ALL, True)):
        course = dataclasses.replace(built, hidden_checks=policy)
        text = feedback_page(stands(course), result).decode()
        assert "0.123" in text
        assert ("math.isnan(mean([]))" in text) == source


def test_an_unreadable_notebook_has_a_page_that_says_why(built):
    checks = [Check("test_mean", 7, None, diagnosis="this check could not be run")]
    result = result_of(
        "ana", status="unreadable", reason="the file is empty", checks=checks, score=0.0
    )
    text = shown(built, result, b"")
    assert "The file is empty" in text
    assert "could not be read" in text
    assert "still open" not in text


def test_nothing_that_a_student_wrote_can_run(built, tiny_notebooks):
    answer = (
        f"{EVIL}\n\n<img src=x onerror=alert(1)> <a href='javascript:alert(1)'>a</a> "
        "[b](javascript:alert(2)) <style>*{display:none}</style> <svg onload=alert(3)></svg>\n\n"
        "<iframe src=//x></iframe> <form action=//x><input></form> [ok](https://example.org)"
    )
    submission = with_cell(solved(tiny_notebooks, answer=answer), f"print('{EVIL}')", at=2)
    submission.cells.insert(3, nbformat.v4.new_markdown_cell(f"# Mine\n{EVIL}\n\n*kept*"))
    data = {"text/html": EVIL, "application/javascript": "alert(4)", "text/plain": f"{EVIL}\x1b[0m"}
    output = nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})
    result = result_of(
        "ana", {"test_mean": f"add the numbers {EVIL}"}, repairs=[EVIL], limits=[EVIL]
    )
    graded = hand_in(built, result, submission)
    notebook = nbformat.reads(graded.notebook.decode(), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "print" in cell.source:
            cell.outputs = [output]
    path = built.root / "results" / LAB / "ana.ipynb"
    path.write_text(nbformat.writes(notebook))
    text = feedback_page(stands(built), result).decode()
    low = text.lower()
    for risk in (
        "<script",
        "onerror=",
        "onload=",
        'href="javascript',
        "<iframe",
        "<form",
        "<svg",
        "<input",
    ):
        assert risk not in low, risk
    assert low.count("<style") == 1
    assert "script-src 'none'" in text
    assert "default-src 'none'" in text
    assert "<em>kept</em>" in text
    assert "https://example.org" in text
    assert text.count("&lt;script&gt;alert(&#34;evil&#34;)") >= 4


def test_a_student_whose_name_is_markup_is_shown_as_text(built, tiny_notebooks):
    stand = stands_with(built, tiny_notebooks)
    result = dataclass_name(stand.results[0], "<script>x</script>")
    assert (
        "<strong>&lt;script&gt;x&lt;/script&gt;</strong>" in feedback_page(stand, result).decode()
    )


def stands_with(built, tiny_notebooks):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    return stands(built)


def dataclass_name(result, name):
    result.student = name
    return result


@pytest.mark.parametrize(
    "text",
    ["![p](data:image/png;base64,AAAA)", "**b** `c` | a |\n|---|\n| 1 |", "<details><summary>s"],
)
def test_harmless_markdown_stays(text):
    assert re.search(r"<(img|strong|code|details)", student_markdown(text))


def test_pictures_from_elsewhere_are_not_loaded():
    html = student_markdown(
        "![p](https://tracker.example/x.png) ![q](data:image/svg+xml;base64,AA)"
    )
    assert "tracker.example" not in html
    assert "svg" not in html


def test_terminal_text_is_readable():
    assert printable("\x1b[31mred\x1b[0m 10%\r 50%\r100%\r\nnext\x00") == "100%\nnext"


def test_release_feedback_finds_what_it_needs_beside_the_page(built, tiny_notebooks):
    hand_in(built, result_of("ana"), solved(tiny_notebooks))
    (built.submitted / "ana" / LAB / "submission_secret.txt").write_text("s3cret")
    (page,) = write_feedback(stands(built))
    assert page == built.root / "feedback" / "ana" / LAB / f"{LAB}.html"
    names = sorted(path.name for path in page.parent.iterdir())
    assert names == ["submission_secret.txt", "timestamp.txt", f"{LAB}.html"]


PROMISES = '''
@check.promise
def one():
    """The first
    promise."""
@check.promise
def two():
    """The second."""
### BEGIN HIDDEN TESTS
@check.promise
def three():
    """The third."""
### END HIDDEN TESTS
'''


@pytest.mark.parametrize(
    ("diagnosis", "states", "told"),
    [
        ("", [KEPT, KEPT, KEPT], ""),
        ("✗ The second.\n  x is 0.7", [KEPT, BROKEN, NOT_REACHED], "x is 0.7"),
        ("✗ The third.\n  x is 0.7", [KEPT, KEPT, BROKEN], "This check is hidden"),
        ("this check ran longer than 5 s", [BROKEN] + 3 * [NOT_REACHED], "ran longer than 5 s"),
        ("ValueError: 0.7", [BROKEN] + 3 * [NOT_REACHED], "This check is hidden"),
    ],
)
def test_promises_are_told_up_to_the_one_that_broke(diagnosis, states, told):
    cell = nbformat.v4.new_code_cell(PROMISES)
    check = Check("test_f", 5, 0.0 if diagnosis else 5.0, ran=True, diagnosis=diagnosis)
    lines = tell(check, cell, "title")
    assert [line.state for line in lines] == states
    assert told in "".join(line.diagnosis for line in lines)
    assert promises_of(cell)[0].text == "The first promise."


def test_gradescope_gets_no_more_than_the_student(built, tiny_notebooks):
    result = result_of(
        "ana", {"test_mean": f"{HIDDEN} (also: 0.123)", "test_doubled": "each number"}
    )
    hand_in(built, result, solved(tiny_notebooks))
    text = results_json(stands(built), result).decode()
    assert '"score": 3' in text
    assert HIDDEN in text
    assert "0.123" not in text
    assert "math.isnan" not in text


def test_the_tiny_labs_hidden_lines_are_the_ones_marked(tiny_notebooks):
    promises = promises_of(cell_of(tiny_notebooks.instructor, "test_doubled"))
    assert [one.hidden for one in promises] == [False, True, True]


def test_nbgraders_own_feedback_is_this_page_and_shows_no_hidden_test(built, tiny_notebooks):
    for student in ("ana", "bo"):
        result = result_of(student, {"test_mean": HIDDEN})
        hand_in(built, result, solved(tiny_notebooks))
    write_config(built)
    done = nbgrader(built.root, "generate_feedback", LAB, "--student", "ana", "--force")
    assert done.returncode == 0, done.stderr
    text = page_of(built, LAB, "ana").read_text(encoding="utf-8")
    assert HIDDEN in text
    assert "math.isnan" not in text
    assert not page_of(built, LAB, "bo").exists()
