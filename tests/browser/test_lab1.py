"""Lab 1 as a student meets it: a stub whose checks help, and nbgrader's Validate."""

from __future__ import annotations

import nbformat
import pytest

from tests.browser.conftest import ROOT
from tests.labs.harness import LabChecks

NAME = "lab1_adversarial"


@pytest.fixture
def stub(lab) -> str:
    notebook = nbformat.read(ROOT / "notebooks" / "labs" / f"{NAME}.ipynb", as_version=4)
    nbformat.write(notebook, lab.folder / "labs" / "stub.ipynb")
    return "labs/stub.ipynb"


@pytest.fixture
def solved(lab) -> str:
    """The student's notebook with the reference solutions in it."""
    notebook = nbformat.read(ROOT / "notebooks" / "labs" / f"{NAME}.ipynb", as_version=4)
    solutions = LabChecks(NAME).solutions
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in solutions:
            cell.source = solutions[name]
        elif name == "written":
            cell.source = "An answer in the student's own words."
    nbformat.write(notebook, lab.folder / "labs" / "solved.ipynb")
    return "labs/solved.ipynb"


def validate(page):
    """Presses Validate and returns the dialog with the verdict."""
    page.get_by_text("Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog").filter(has_text="Validation Results")
    dialog.wait_for(timeout=300_000)
    return dialog


def test_the_stub_says_what_to_do_and_does_not_pass(stub, open_notebook, run_all, screenshot):
    page = open_notebook(stub)
    run_all(page)  # Jupyter stops at the first error, which is the first check
    error = page.locator(".jp-OutputArea-output").filter(has_text="✗").first
    says = error.inner_text()
    assert "✗ A tiny step d changes the summed loss" in says
    assert "`input_gradient` is not written yet: replace `raise NotImplementedError`" in says
    assert "Traceback" not in says
    error.scroll_into_view_if_needed()
    screenshot(page, "check")
    dialog = validate(page)
    assert "The following cell failed:" in dialog.inner_text()
    assert "has changed" not in dialog.inner_text()
    screenshot(page, "validate")


def test_the_solution_passes_validate(solved, open_notebook, screenshot):
    page = open_notebook(solved)
    dialog = validate(page)
    screenshot(page, "validate")
    assert "Success! Your notebook passes all the tests." in dialog.inner_text()
