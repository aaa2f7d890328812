"""Each lab as a student meets it: a stub whose checks help, and nbgrader's Validate."""

from __future__ import annotations

import nbformat
import pytest

from tests.browser.conftest import ROOT
from tests.labs.harness import LabChecks

# Lab -> the first check's promise, and its function.
FIRST = {
    "lab1_adversarial": ("A tiny step d changes the summed loss", "input_gradient"),
    "lab2_robustness": ("Groups 0, 2 and 7 with 3 of 4", "worst_group_accuracy"),
    "lab3_rotation": (
        "The picture 1 2 / 3 4, turned by 0, 90, 180 and 270 degrees",
        "rotate_batch",
    ),
    "lab4_patches": ("Positions 0 to 7 lie up left", "neighbour_offset"),
    "lab5_simclr": ("Of pictures that grow brighter", "random_resized_crop"),
    "lab6_beyond": ("Each of 300 masks of 16 x 16", "hole_mask"),
}


@pytest.fixture(params=FIRST)
def name(request) -> str:
    return request.param


@pytest.fixture
def stub(lab, name) -> str:
    notebook = nbformat.read(ROOT / "notebooks" / "labs" / f"{name}.ipynb", as_version=4)
    nbformat.write(notebook, lab.folder / "labs" / f"stub_{name}.ipynb")
    return f"labs/stub_{name}.ipynb"


@pytest.fixture
def solved(lab, name) -> str:
    """The student's notebook with the reference solutions in it."""
    notebook = nbformat.read(ROOT / "notebooks" / "labs" / f"{name}.ipynb", as_version=4)
    solutions = LabChecks(name).solutions
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in solutions:
            cell.source = solutions[grade_id]
        elif grade_id == "written":
            cell.source = "An answer in the student's own words."
    nbformat.write(notebook, lab.folder / "labs" / f"solved_{name}.ipynb")
    return f"labs/solved_{name}.ipynb"


def validate(page):
    """Presses Validate and returns the dialog with the verdict."""
    page.get_by_text("Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog").filter(has_text="Validation Results")
    dialog.wait_for(timeout=300_000)
    return dialog


def test_the_stub_says_what_to_do_and_does_not_pass(stub, name, open_notebook, run_all, screenshot):
    promise, function = FIRST[name]
    page = open_notebook(stub)
    run_all(page)  # Jupyter stops at the first error, which is the first check
    error = page.locator(".jp-OutputArea-output").filter(has_text="✗").first
    says = error.inner_text()
    assert f"✗ {promise}" in says
    assert f"`{function}` is not written yet: replace `raise NotImplementedError`" in says
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
