"""The course's own sources and built notebooks."""

import shutil
from pathlib import Path

import pytest

from autograder.build import build, make_lab
from autograder.course import load_course
from tests.autograder.tiny import FIXTURES

PROJECT = Path(__file__).parents[2]
COURSE = load_course(PROJECT)
SOURCES = sorted((PROJECT / "notebooks" / "source").rglob("*.py"))


def test_the_notebooks_are_what_their_sources_make():
    """When this fails: `make notebooks`, and commit what it changed."""
    result = build(COURSE, check=True)
    assert (result.differs, result.refused) == ([], [])


@pytest.mark.parametrize("lab", COURSE.labs)
def test_a_lab_is_ninety_points_by_tests_and_ten_by_hand(lab):
    from autograder.build.cells import is_manual, is_test, points

    cells = make_lab(COURSE, lab).student.cells
    assert sum(points(cell) for cell in cells if is_test(cell)) == 90
    assert sum(points(cell) for cell in cells if is_manual(cell)) == 10


@pytest.fixture
def manager(tmp_path):
    """What stands between JupyterLab and the files, for a folder with the project's jupytext settings."""
    from jupyter_server.services.contents.largefilemanager import LargeFileManager
    from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class

    source = tmp_path / "notebooks" / "source"
    shutil.copytree(PROJECT / "notebooks" / "source", source)
    shutil.copytree(FIXTURES / "notebooks" / "source", source, dirs_exist_ok=True)
    (tmp_path / "notebooks" / "labs").mkdir()
    return build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(tmp_path))


def cells_of(text: str) -> str:
    """A source without its header, which jupytext writes where there is none."""
    return text[text.index("# %%") :]


@pytest.mark.parametrize(
    "path", [*(p.relative_to(PROJECT).as_posix() for p in SOURCES), "notebooks/source/labs/tiny.py"]
)
def test_a_source_saved_from_jupyterlab_is_the_source(manager, path):
    """JupyterLab adds the exact Python, and trust, to what it sends."""
    file = Path(manager.root_dir, path)
    before = file.read_text()
    model = manager.get(path, type="notebook", content=True)
    assert model["content"]["cells"]
    model["content"]["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    for cell in model["content"]["cells"]:
        cell["metadata"]["trusted"] = True
    manager.save(model, path)
    assert cells_of(file.read_text()) == cells_of(before)
    assert not list(file.parent.glob("*.ipynb"))


def test_create_assignment_edits_reach_the_source(manager):
    """nbgrader's side bar writes into the cells' metadata."""
    path = "notebooks/source/labs/tiny.py"
    model = manager.get(path, type="notebook", content=True)
    graded = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell
        for cell in model["content"]["cells"]
    }
    graded["test_mean"]["metadata"]["nbgrader"]["points"] = 9
    manager.save(model, path)
    text = Path(manager.root_dir, path).read_text()
    assert '"grade_id": "test_mean", "locked": true, "points": 9' in text


def test_a_student_notebook_saved_from_jupyterlab_gets_no_twin_script(manager):
    import nbformat

    path = "notebooks/labs/mine.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    manager.save({"type": "notebook", "content": notebook, "format": "json"}, path)
    folder = Path(manager.root_dir, "notebooks", "labs")
    assert [file.name for file in folder.iterdir() if file.is_file()] == ["mine.ipynb"]
