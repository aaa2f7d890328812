"""The pages of `autograder feedback` and `autograder report` in a real browser, light and dark, wide and narrow."""

from __future__ import annotations

import pytest

from autograder.build import ensure_built
from autograder.feedback import write_feedback
from autograder.report import write_report
from tests.autograder.graded_class import hand_in, result_of, stands
from tests.autograder.handed_in import solved, with_cell
from tests.autograder.tiny import LAB, copy_course, quiet
from tests.browser.readable import LOW_CONTRAST

EVIL = "<script>document.title = 'evil'</script><img src=x onerror=\"document.title = 'evil'\">"
SCHEMES, WIDTHS = ("light", "dark"), (1280, 390)


@pytest.fixture(scope="session")
def pages(chromium, tmp_path_factory):
    """(a student's page, the report) of a small class, one of whom writes what should not run."""
    from autograder.build import make_lab

    course = copy_course(tmp_path_factory.mktemp("pages") / "course")
    ensure_built(course, LAB, quiet)
    notebooks = make_lab(course, LAB)
    evil = with_cell(solved(notebooks, answer=EVIL), f"# {EVIL}\nx = 'a' * 500", at=2)
    long_word = "test_mean: " + "0123456789" * 30
    hand_in(course, result_of("ana", {"test_mean": f"{EVIL} {long_word}"}, repairs=[EVIL]), evil)
    for student in ("bo", "cy"):
        hand_in(course, result_of(student, flags=[EVIL]), solved(notebooks))
    standing = stands(course)
    return write_feedback(standing)[0], write_report(standing)


@pytest.fixture
def opened(browser):
    """(path, scheme, width) -> a page that shows the file; its complaints are in `page.complaints`."""
    contexts = []

    def open_page(path, scheme="light", width=1280):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", [0, 1], ids=["feedback", "report"])
def test_a_page_fits_and_nothing_of_a_students_runs(
    pages, opened, screenshot, which, width, scheme
):
    page = opened(pages[which], scheme, width)
    screenshot(page, f"{('feedback', 'report')[which]}-{width}-{scheme}")
    assert page.title() != "evil"
    assert page.complaints == []
    beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(beyond) <= 0
    assert page.evaluate(CUT_OFF) == []


# Texts that their own box cuts off: wider than it without a way to scroll.
CUT_OFF = """() => [...document.querySelectorAll('main *')]
    .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
        && getComputedStyle(one).overflowX !== 'auto' && getComputedStyle(one).display !== 'inline'
        && !one.querySelector('*') && !one.closest('svg, .rate'))
    .map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_stands_out_from_its_ground(pages, opened, scheme):
    for path in pages:
        assert opened(path, scheme).evaluate(LOW_CONTRAST, "main") == []


def test_the_table_of_students_sorts_both_ways_and_by_keyboard(pages, opened):
    page = opened(pages[1])
    table = page.locator("table").last
    names = "rows => rows.map(row => row.cells[0].innerText)"

    def order() -> list[str]:
        return table.locator("tbody tr").evaluate_all(names)

    assert order() == ["ana", "bo", "cy"]
    score = table.get_by_role("button", name="score")
    score.focus()
    page.keyboard.press("Enter")
    assert order() == ["ana", "bo", "cy"]  # 8, 15, 15
    page.keyboard.press("Enter")
    assert order()[-1] == "ana"
    assert table.locator("th[aria-sort=descending]").inner_text() == "score"


def test_a_link_of_the_report_leads_to_the_students_page(pages, opened):
    page = opened(pages[1])
    page.get_by_role("link", name="ana").click()
    assert "Feedback for ana" in page.inner_text("main")


def test_what_is_printed_is_black_on_white(pages, opened):
    page = opened(pages[0], "dark")
    page.emulate_media(media="print", color_scheme="dark")
    colours = "(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))"
    assert page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
