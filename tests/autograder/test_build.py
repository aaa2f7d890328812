"""What the build makes of a lab: the student's notebook and nbgrader's course."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from autograder.build import build, ensure_built, make_lab
from autograder.build.cells import grade_id, is_solution, is_test
from autograder.build.student import text_of
from autograder.course import Course, CourseError, load_course
from tests.autograder.tiny import LAB, LECTURE, copy_course, edit, quiet


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Built once; the tests here only read it."""
    course = copy_course(tmp_path_factory.mktemp("build") / "course")
    result = build(course, report=quiet)
    assert result.ok, result
    return course


@pytest.fixture
def student(course):
    return nbformat.read(course.lab_notebooks / f"{LAB}.ipynb", as_version=4)


def cells_by_grade_id(notebook):
    return {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}


def test_a_student_sees_signatures_and_visible_tests_but_no_solution_and_no_hidden_test(student):
    text = text_of(student)
    assert "def doubled(values):" in text
    assert "raise NotImplementedError()" in text
    assert "assert doubled([1, 2]) == [2, 4]" in text
    for secret in ("[2 * value", "fsum", "-3.5", "isnan", "extreme values", "BEGIN", "END"):
        assert secret not in text
    assert not any(cell.get("outputs") for cell in student.cells)


def test_every_solution_and_test_cell_begins_with_its_marker(student):
    for name, cell in cells_by_grade_id(student).items():
        assert is_solution(cell) or is_test(cell)
        first = cell.source.split("\n")[0]
        assert first == (f"# @{name}" if cell.cell_type == "code" else f"<!-- @{name} -->")


def test_nbgrader_knows_the_cells_by_checksum_and_schema(student):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.utils import compute_checksum

    MetadataValidator().validate_nb(student)
    for cell in cells_by_grade_id(student).values():
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
        assert not cell.metadata.deletable


def test_nbgraders_release_version_is_the_student_notebook(course):
    release = course.root / "release" / LAB / f"{LAB}.ipynb"
    assert (
        release.read_text().strip() == (course.lab_notebooks / f"{LAB}.ipynb").read_text().strip()
    )


def test_the_gradebook_has_the_lab_its_points_and_its_deadline_in_utc(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", course.id) as gradebook:
        assignment = gradebook.find_assignment(LAB)
        scores = {cell.name: cell.max_score for cell in assignment.notebooks[0].grade_cells}
        due = assignment.duedate.replace(tzinfo=UTC)
    assert scores == {"test_doubled": 5, "test_doubled_2": 3, "test_mean": 7, "written": 5}
    assert due == datetime(2030, 1, 31, 23, 59).astimezone(UTC)


def test_nbgraders_own_commands_read_the_configuration(course):
    listing = subprocess.run(
        [sys.executable, "-m", "nbgrader", "db", "assignment", "list"],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "tiny (due:" in listing.stdout


def test_an_own_nbgrader_setting_survives_a_build(course, tmp_path):
    from traitlets.config.loader import PyFileConfigLoader

    folder = tmp_path / "course"
    shutil.copytree(course.root, folder)
    (folder / "nbgrader_own_config.py").write_text("c.Execute.timeout = 99\n")
    settings = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    assert settings.Execute.timeout == 99
    assert settings.CourseDirectory.course_id == "tiny-course"
    assert settings.CourseDirectory.root == str(folder)


def test_the_same_source_gives_the_same_bytes_in_any_folder(course, tmp_path):
    other = copy_course(tmp_path / "another place")
    assert text_of(make_lab(other, LAB).student) == text_of(make_lab(course, LAB).student)
    assert text_of(make_lab(other, LAB).instructor) == course.source_notebook(LAB).read_text()


def test_a_second_build_changes_nothing_and_runs_nothing(course):
    said = []
    before = {path: path.stat().st_mtime_ns for path in course.home.rglob("*") if path.is_file()}
    result = build(course, report=said.append)
    after = {path: path.stat().st_mtime_ns for path in course.home.rglob("*") if path.is_file()}
    assert (result.written, said) == ([], [])
    assert after == before


def test_ids_of_cells_stay_when_a_cell_is_added_above_them(course, tmp_path, student):
    longer = copy_course(
        tmp_path / "course", lab=("# %%\nimport math\n", "# %%\nimport sys\n\n# %%\nimport math\n")
    )
    ids = [cell.id for cell in make_lab(longer, LAB).student.cells]
    assert len(ids) == len(set(ids)) == len(student.cells) + 1
    assert {cell.id for cell in student.cells} < set(ids)


def test_metadata_that_follows_from_the_rest_may_be_left_out(course, tmp_path):
    short = copy_course(
        tmp_path / "course",
        lab=(
            'nbgrader={"grade": false, "grade_id": "mean", "locked": false, "points": 0, '
            '"schema_version": 3, "solution": true, "task": false}',
            'nbgrader={"grade_id": "mean", "solution": true}',
        ),
    )
    assert text_of(make_lab(short, LAB).student) == text_of(make_lab(course, LAB).student)


def test_a_marker_in_the_source_is_kept_and_not_doubled(course, tmp_path):
    marked = copy_course(
        tmp_path / "course", lab=("def mean(values):", "# @mean\ndef mean(values):")
    )
    assert text_of(make_lab(marked, LAB).student) == text_of(make_lab(course, LAB).student)


def test_a_solution_cell_without_a_marked_region_is_cleared_whole_but_for_its_marker(tmp_path):
    course = copy_course(
        tmp_path / "course", lab=("    ### BEGIN SOLUTION\n    if len", "    if len")
    )
    edit(course.home, "lab", "/ len(values)\n    ### END SOLUTION", "/ len(values)")
    cell = cells_by_grade_id(make_lab(course, LAB).student)["mean"]
    assert cell.source == "# @mean\n# YOUR CODE HERE\nraise NotImplementedError()"


def test_ensure_built_rebuilds_only_what_changed(course, tmp_path):
    mine = copy_course(tmp_path / "course")
    shutil.copytree(course.root, mine.root)
    source = ensure_built(mine, LAB, report=quiet)
    first = source.stat().st_mtime_ns
    assert source == mine.source_notebook(LAB)
    assert ensure_built(mine, LAB, report=quiet).stat().st_mtime_ns == first
    edit(mine.home, "lab", "Two small functions", "Two tiny functions")
    assert "Two tiny functions" in ensure_built(mine, LAB, report=quiet).read_text()
    assert not mine.lab_notebooks.exists()


def test_a_gradebook_is_made_where_alembic_is_not_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    course = copy_course(tmp_path / "course")
    ensure_built(course, LAB, report=quiet)
    # Half-made gradebooks fail at the second opening.
    edit(course.home, "lab", "Two small functions", "Two tiny functions")
    ensure_built(course, LAB, report=quiet)


def test_a_half_made_or_foreign_gradebook_is_named_and_left_alone(course, tmp_path):
    import sqlite3

    mine = copy_course(tmp_path / "course")
    mine.root.mkdir()
    shutil.copytree(course.root / ".build", mine.root / ".build")
    sqlite3.connect(mine.gradebook).execute("create table assignment (id text)")
    with pytest.raises(CourseError, match="half made by nbgrader: move it away"):
        ensure_built(mine, LAB)
    mine.gradebook.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(CourseError, match="move it away and build again"):
        ensure_built(mine, LAB)


def test_cells_can_not_come_or_go_once_submissions_are_recorded(course, tmp_path):
    from nbgrader.api import Gradebook

    mine = copy_course(tmp_path / "course")
    shutil.copytree(course.root, mine.root)
    with Gradebook(f"sqlite:///{mine.gradebook}", mine.id) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(LAB, "ada")
    edit(mine.home, "lab", "Two small functions", "Two tiny functions")
    ensure_built(mine, LAB, report=quiet)  # the same cells: fine
    edit(mine.home, "lab", '"grade_id": "test_doubled_2"', '"grade_id": "test_doubled_3"')
    with pytest.raises(CourseError, match=r"tiny: cells were added .* already holds submissions"):
        ensure_built(mine, LAB, report=quiet)


def test_a_name_that_is_no_lab_and_no_lecture_is_answered_with_those_there_are(course):
    with pytest.raises(CourseError, match=f"called 'lab9'; there are: {LAB}, {LECTURE}"):
        build(course, ["lab9"])


def test_sources_and_notebooks_that_belong_to_nothing_are_named(course, tmp_path):
    mine = copy_course(tmp_path / "course")
    for folder in ("labs", "lectures"):
        shutil.copytree(course.home / "notebooks" / folder, mine.home / "notebooks" / folder)
    (mine.lab_sources / "extra.py").write_text("# %%\n")
    (mine.lecture_notebooks / "old.ipynb").write_text("{}")
    refused = build(mine, check=True).refused
    assert refused == [
        "notebooks/source/labs/extra.py is no lab of course.toml: add [labs.extra], or move it away",
        "notebooks/lectures/old.ipynb has no source: notebooks are built, so write one or delete it",
    ]


def test_check_tells_an_edited_notebook_from_a_missing_one_and_writes_nothing(course, tmp_path):
    mine = copy_course(tmp_path / "course")
    notebook = mine.lab_notebooks / f"{LAB}.ipynb"
    assert f"notebooks/labs/{LAB}.ipynb is not built" in build(mine, check=True).differs
    assert not notebook.exists()
    notebook.parent.mkdir(parents=True)
    shutil.copy(course.lab_notebooks / f"{LAB}.ipynb", notebook)
    assert build(mine, [LAB], check=True).ok
    content = json.loads(notebook.read_text())
    content["cells"][2]["source"] = ["Edited by hand"]
    notebook.write_text(json.dumps(content))
    result = build(mine, [LAB], check=True)
    assert (result.ok, result.differs) == (
        False,
        [f"notebooks/labs/{LAB}.ipynb is not what its source makes"],
    )
    assert "Edited by hand" in notebook.read_text()


def test_a_refused_lab_stops_no_lecture(tmp_path):
    course = copy_course(tmp_path / "course", lab=("### END SOLUTION", "### END SOLUTON"))
    result = build(course, report=quiet)
    assert len(result.refused) == 1
    assert [path.name for path in result.written] == [f"{LECTURE}.ipynb"]
    assert not course.lab_notebooks.exists()


def test_a_lab_of_the_settings_without_a_source_is_named(tmp_path):
    course = copy_course(
        tmp_path / "course", settings=("[labs.tiny]", "[labs.missing]\n[labs.tiny]")
    )
    result = build(load_course(course.home), ["missing"])
    assert len(result.refused) == 1
    assert result.refused[0].startswith("missing has no source: write ")


def test_nbgraders_validate_passes_the_solved_lab_and_names_what_a_stub_fails(course):
    from nbgrader.validator import Validator

    solved = Validator().validate(str(course.source_notebook(LAB)))
    stub = Validator().validate(str(Path(course.lab_notebooks / f"{LAB}.ipynb")))
    assert solved == {}
    assert [cell["source"].split("\n")[0] for cell in stub["failed"]] == [
        "# @test_doubled",
        "# @test_doubled_2",
        "# @test_mean",
        "<!-- @written -->",
    ]
