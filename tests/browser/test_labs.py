"""Each lab of course.toml as a student meets it: a stub whose checks help, a solution that runs, nbgrader's Validate."""

from __future__ import annotations

import ast

import nbformat
import pytest

from autograder.build.cells import grade_id, is_solution, is_test
from autograder.build.source import read_source
from autograder.course import load_course
from autograder.promises import promises_of
from tests.browser.conftest import ROOT
from tests.browser.lectures import each_figure_to, shows_no_error
from tests.browser.readable import can_be_read
from tests.labs.harness import LabChecks

COURSE = load_course(ROOT)


@pytest.fixture(params=COURSE.labs)
def name(request) -> str:
    return request.param


@pytest.fixture
def notebook(name):
    """The notebook that students get."""
    built = COURSE.lab_notebooks / f"{name}.ipynb"
    if not built.is_file():
        pytest.skip(f"the lab is not built: autograder build {name}")
    return nbformat.read(built, as_version=4)


@pytest.fixture
def stub(lab, notebook, name) -> str:
    nbformat.write(notebook, lab.folder / "labs" / f"stub_{name}.ipynb")
    return f"labs/stub_{name}.ipynb"


@pytest.fixture
def solved(lab, notebook, name) -> str:
    """The student's notebook with the reference solutions in it."""
    solutions = LabChecks(name).solutions
    for cell in notebook.cells:
        if grade_id(cell) in solutions:
            cell.source = solutions[grade_id(cell)]
        elif grade_id(cell) == "written":
            cell.source = "An answer in the student's own words."
    nbformat.write(notebook, lab.folder / "labs" / f"solved_{name}.ipynb")
    return f"labs/solved_{name}.ipynb"


def first_check(lab: str) -> tuple[str, str]:
    """(the lab's first function to write, what the first check of it promises), from the lab's source."""
    cells = read_source(COURSE.lab_sources / f"{lab}.py").cells
    exercise = next(cell for cell in cells if is_solution(cell) and cell.cell_type == "code")
    check = next(cell for cell in cells if is_test(cell))
    (written,) = ast.parse(exercise.source).body
    return written.name, promises_of(check)[0].text


def validate(page):
    """Presses Validate and returns the dialog with the verdict."""
    page.get_by_text("Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog").filter(has_text="Validation Results")
    dialog.wait_for(timeout=600_000)
    return dialog


def test_the_stub_says_what_to_do_and_does_not_pass(stub, name, open_notebook, run_all, screenshot):
    function, promise = first_check(name)
    with open_notebook(stub) as page:
        run_all(page)  # Jupyter stops at the first error, which is the first check
        error = page.locator(".jp-OutputArea-output").filter(has_text="✗").first
        says = error.inner_text()
        assert f"✗ {promise}" in " ".join(says.split())
        assert f"`{function}` is not written yet: replace `raise NotImplementedError`" in says
        assert "Traceback" not in says
        error.scroll_into_view_if_needed()
        screenshot(page, "check")
        dialog = validate(page)
        assert "The following cell failed:" in dialog.inner_text()
        assert "has changed" not in dialog.inner_text()
        screenshot(page, "validate")


def test_the_solution_runs_without_an_error_is_readable_and_passes_validate(
    solved, open_notebook, run_all, screenshot
):
    with open_notebook(solved) as page:
        run_all(page)
        shows_no_error(page)
        can_be_read(page, lambda theme: screenshot(page, theme))
        each_figure_to(screenshot, page)
        dialog = validate(page)
        screenshot(page, "validate")
        assert "Success! Your notebook passes all the tests." in dialog.inner_text()
