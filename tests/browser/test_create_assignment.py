"""A lab's percent source opened as a notebook, changed with nbgrader's Create Assignment, and built."""

from __future__ import annotations

import difflib
import re
import shutil
from pathlib import Path

import pytest

from autograder.build import build
from autograder.course import Course
from tests.autograder.tiny import LAB, copy_course, quiet
from tests.browser.conftest import KERNEL_READY, ROOT, new_page


@pytest.fixture(scope="module")
def course(lab) -> Course:
    """The tiny course below JupyterLab's folder, with the project's jupytext settings."""
    pytest.importorskip("nbgrader")
    course = copy_course(lab.folder / "create_assignment")
    sources = ROOT / "notebooks" / "source"
    shutil.copy(sources / "jupytext.toml", course.home / "notebooks" / "source")
    return course


@pytest.fixture(scope="module")
def source(course) -> Path:
    return course.lab_sources / f"{LAB}.py"


@pytest.fixture(scope="module")
def page(lab, browser, source):
    """The source opened by a right click, Open With, Notebook; the side bar open beside it."""
    folder = source.parent.relative_to(lab.folder).as_posix()
    with new_page(browser) as page:
        page.goto(f"{lab.url}/lab/tree/{folder}?reset&token={lab.token}")
        page.locator(".jp-DirListing-item", has_text=source.name).click(button="right")
        page.locator(".lm-Menu-item", has_text="Open With").hover()
        page.locator(".lm-Menu-item").filter(has_text=re.compile(r"^Notebook\s*$")).click()
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(KERNEL_READY)
        page.locator(".lm-TabBar-tab[title='Nbgrader Create Assignment']").click()
        page.wait_for_selector(".nbgrader-CreateAssignmentWidget .nbgrader-CellWidget")
        yield page
        lab.end_kernel(f"{folder}/{source.name}")


def shown(page) -> dict[str, tuple[str, str]]:
    """What the side bar says of the exercise cells: id -> (type, points where it has any)."""
    cells = page.locator(".nbgrader-CellWidget.nbgrader-mod-highlight")
    field = "one => one.parentElement.closest('.nbgrader-mod-uneditable') ? '' : one.value"
    return {
        cell.locator(".nbgrader-CellId input").input_value(): (
            cell.locator("select option:checked").inner_text(),
            cell.locator(".nbgrader-CellPoints input").evaluate(field),
        )
        for cell in cells.all()
    }


def entry(page, grade_id: str):
    """The side bar's fields of one cell."""
    ids = page.locator(".nbgrader-CellWidget.nbgrader-mod-highlight .nbgrader-CellId input")
    at = [one.input_value() for one in ids.all()].index(grade_id)
    return page.locator(".nbgrader-CellWidget.nbgrader-mod-highlight").nth(at)


def give(page, grade_id: str, points: int) -> None:
    field = entry(page, grade_id).locator(".nbgrader-CellPoints input")
    field.fill(str(points))
    field.press("Tab")


def saved(page, source: Path) -> list[str]:
    """Saves as Ctrl+S does; returns the lines that went (-) and came (+) in the source."""
    before = source.read_text(encoding="utf-8")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and source.name in answer.url
    ) as answer:
        page.keyboard.press("Control+s")
    assert answer.value.ok
    assert page.locator(".nbgrader-ErrorDialog").count() == 0
    after = source.read_text(encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_the_side_bar_shows_a_percent_sources_exercise_cells_with_their_points(page, screenshot):
    screenshot(page, "side-bar")
    assert shown(page) == {
        "doubled": ("Autograded answer", ""),
        "test_doubled": ("Autograded tests", "5"),
        "test_doubled_2": ("Autograded tests", "3"),
        "mean": ("Autograded answer", ""),
        "test_mean": ("Autograded tests", "7"),
        "written": ("Manually graded answer", "5"),
    }
    assert page.locator(".nbgrader-TotalPointsInput").input_value() == "20"


def test_a_change_of_points_changes_that_line_and_the_build_holds_them_to_the_total(
    page, course, source
):
    """Six for five: refused until another check gives the point up."""
    give(page, "test_doubled", 6)
    assert page.locator(".nbgrader-TotalPointsInput").input_value() == "21"
    gone, came = saved(page, source)
    assert '"grade_id": "test_doubled",' in gone
    assert came == "+" + gone[1:].replace('"points": 5', '"points": 6')
    (why,) = build(course, [LAB], report=quiet).refused
    assert "together 21, but course.toml says 20" in why

    give(page, "test_mean", 6)
    gone, came = saved(page, source)
    assert came == "+" + gone[1:].replace('"points": 7', '"points": 6')
    result = build(course, [LAB], report=quiet)
    assert (result.refused, len(result.written)) == ([], 1)


def test_a_check_added_in_the_side_bar_is_a_cell_of_the_source_and_is_built(
    page, course, source, screenshot
):
    """Follows on: the points come from the check before it."""
    give(page, "test_doubled", 4)
    page.locator(".jp-Notebook .jp-CodeCell", has_text="check.unchanged").click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type("assert doubled([0]) == [0], 'twice nothing is nothing'")
    active = page.locator(".nbgrader-CellWidget.nbgrader-mod-active")
    active.locator("select").select_option(label="Autograded tests")
    active.locator(".nbgrader-CellId input").fill("test_doubled_3")
    active.locator(".nbgrader-CellId input").press("Tab")
    give(page, "test_doubled_3", 2)
    screenshot(page, "added")
    lines = saved(page, source)
    came = [line[1:] for line in lines if line.startswith("+") and line != "+"]
    assert [line[1:].count('"points": 6') for line in lines if line.startswith("-")] == [1]
    assert len(came) == 3
    assert '"grade_id": "test_doubled", ' in came[0]
    assert '"points": 4' in came[0]
    assert came[1].startswith("# %% nbgrader={")
    assert '"grade_id": "test_doubled_3", "locked": true, "points": 2' in came[1]
    assert came[2] == "assert doubled([0]) == [0], 'twice nothing is nothing'"
    result = build(course, [LAB], report=quiet)
    assert (result.refused, len(result.written)) == ([], 1)
    assert "twice nothing is nothing" in result.written[0].read_text(encoding="utf-8")
