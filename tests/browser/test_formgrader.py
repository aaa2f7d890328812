"""The formgrader as an instructor uses it: a submission graded by its button, an answer graded by hand."""

from __future__ import annotations

import json

import pytest

from autograder.build import ensure_built, make_lab
from autograder.course import Course
from autograder.sandbox import choice
from tests.autograder.handed_in import data_of, solved
from tests.autograder.tiny import LAB, copy_course, quiet
from tests.browser.conftest import LAPTOP, new_page, running_lab

pytestmark = pytest.mark.skipif(
    choice.why_not() is not None, reason=f"no sandbox here: {choice.why_not()}"
)


@pytest.fixture(scope="module")
def course(chromium, tmp_path_factory) -> Course:
    """The tiny course, built, with two submissions that nobody has graded."""
    pytest.importorskip("nbgrader")
    course = copy_course(tmp_path_factory.mktemp("formgrader") / "course")
    ensure_built(course, LAB, quiet)
    notebooks = make_lab(course, LAB)
    half = solved(notebooks, mean="def mean(values):\n    return 0")
    for student, notebook in {"ana": solved(notebooks), "bo": half}.items():
        folder = course.submitted / student / LAB
        folder.mkdir(parents=True)
        (folder / f"{LAB}.ipynb").write_bytes(data_of(notebook))
    return course


@pytest.fixture(scope="module")
def formgrader(course, browser, tmp_path_factory):
    """(path below /formgrader) -> a page that shows it."""
    with running_lab(tmp_path_factory.mktemp("jupyter"), course.root) as lab:
        context = browser.new_context(viewport=LAPTOP)
        context.set_default_timeout(60_000)
        context.new_page().goto(f"{lab.url}/lab?token={lab.token}")  # from here on by its cookie

        def opened(path: str):
            page = context.new_page()
            page.goto(f"{lab.url}/formgrader/{path}")
            return page

        yield opened
        context.close()


def row(page, student: str):
    return page.locator("tr").filter(has=page.locator(".student-id", has_text=student))


def test_the_class_is_listed(formgrader, screenshot):
    page = formgrader("manage_assignments")
    assignment = page.locator("tr").filter(has_text=LAB)
    assignment.wait_for()
    assert assignment.locator(".num-submissions").inner_text() == "2"
    screenshot(page, "assignments")


def test_autograde_goes_our_way_and_says_what_happened(formgrader, course, screenshot):
    page = formgrader(f"manage_submissions/{LAB}")
    bo = row(page, "bo")
    bo.wait_for()
    assert bo.locator(".status").inner_text() == "needs autograding"
    bo.locator(".autograde a").click()
    window = page.locator("#success-modal")
    window.wait_for(timeout=120_000)
    said = window.inner_text()
    assert "bo: 8 of 20 points, needs-manual" in said
    assert "test_mean: add the numbers up and divide by how many there are" in said
    screenshot(page, "log")
    window.get_by_text("OK").click()
    bo.locator(".score", has_text="8 / 20").wait_for()
    assert bo.locator(".status").inner_text() == "needs manual grading"
    screenshot(page, "submissions")
    # stock nbgrader leaves nothing there
    kept = json.loads((course.root / "results" / LAB / "bo.json").read_text(encoding="utf-8"))
    assert (kept["score"], kept["status"]) == (8, "needs-manual")
    assert row(page, "ana").locator(".status").inner_text() == "needs autograding"


def test_the_written_answer_is_graded_by_hand(formgrader, screenshot):
    """Follows on from the button's test: bo has been graded but for this."""
    page = formgrader(f"manage_students/bo/{LAB}")
    page.locator("a", has_text=LAB).last.click()
    frame = page
    frame.locator("input.score#written").wait_for()
    # The field is there before its recorded score is, which then overwrites what was typed.
    page.wait_for_function("formgrader.grades && formgrader.grades.loaded")
    screenshot(page, "by-hand")
    with page.expect_response(
        lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"
    ) as saved:
        frame.locator("input.score#written").fill("4")
        frame.locator("input.score#written").blur()
    assert saved.value.json()["manual_score"] == 4
    screenshot(page, "scored")
    page = formgrader(f"manage_submissions/{LAB}")
    row(page, "bo").locator(".score", has_text="12 / 20").wait_for()
    assert row(page, "bo").locator(".status").inner_text() == "graded"
    # grading again keeps what the person gave
    row(page, "bo").locator(".autograde a").click()
    page.locator("#success-modal").wait_for(timeout=120_000)
    assert "bo: 12 of 20 points, graded" in page.locator("#success-modal").inner_text()
    page.locator("#success-modal").get_by_text("OK").click()
    row(page, "bo").locator(".score", has_text="12 / 20").wait_for()


def test_feedback_is_our_page_and_says_points_reasons_and_nothing_hidden(
    formgrader, course, browser, screenshot
):
    """Follows on: bo has 8 points by checks and 4 by hand."""
    page = formgrader(f"manage_submissions/{LAB}")
    row(page, "bo").locator(".generate-feedback a").click()
    page.locator("#success-modal").wait_for()
    screenshot(page, "feedback")
    with new_page(browser) as page:
        page.goto((course.feedback / "bo" / LAB / f"{LAB}.html").as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        screenshot(page, "what-bo-sees")
        seen = page.inner_text("main")
    assert "12 of 20" in seen
    assert "add the numbers up and divide by how many there are" in seen
    assert "isnan" not in seen, "a hidden check's code"
    assert "math.fsum" not in seen, "the solution"


def test_what_cannot_be_graded_is_told_in_the_window(formgrader, course, screenshot):
    """The gradebook's lab is not the course's any more: nothing runs, and the window says why."""
    settings = course.home / "course.toml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(before.replace(f"[labs.{LAB}]", "[labs.other]"), encoding="utf-8")
    try:
        page = formgrader(f"manage_submissions/{LAB}")
        row(page, "ana").locator(".autograde a").click()
        window = page.locator("#error-modal")
        window.wait_for(timeout=120_000)
        assert f"no lab called '{LAB}' in course.toml; it has: other" in window.inner_text()
        screenshot(page, "refused")
    finally:
        settings.write_text(before, encoding="utf-8")
    assert not (course.autograded / "ana").exists()
