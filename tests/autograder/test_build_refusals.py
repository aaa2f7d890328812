"""What the build refuses, each with the lab, the cell and what to do."""

import re

import pytest

from autograder.build import BuildRefused, build, make_lab
from autograder.build.leaks import check_leaks
from autograder.build.verify import verify
from autograder.course import load_course
from tests.autograder.tiny import LAB, copy_course, edit, quiet

TEST_MEAN = '"grade_id": "test_mean", "locked": true, "points": 7'
HINT = "# ## The mean\n"

# What was done to the source -> (text, its replacement, what the refusal says).
BROKEN = {
    "metadata that is no JSON": (
        '{"grade": false, "grade_id": "mean"',
        '{"grade": flase, "grade_id": "mean"',
        "its metadata is not JSON: mend the line",
    ),
    "an older schema": (
        '"points": 7, "schema_version": 3',
        '"points": 7, "schema_version": 2',
        "cell 'test_mean': schema_version is 2: this build writes nbgrader's schema 3",
    ),
    "a key that nbgrader does not know": (
        '"points": 7, "schema',
        '"points": 7, "bonus": true, "schema',
        "cell 'test_mean': nbgrader refuses its metadata: .*bonus",
    ),
    "a grade_id that is no name": (
        '"grade_id": "test_doubled_2"',
        '"grade_id": "test-doubled-2"',
        "grade_id 'test-doubled-2' must be a Python name",
    ),
    "a grade_id twice": (
        '"grade_id": "test_doubled_2"',
        '"grade_id": "test_doubled"',
        "cell 'test_doubled': another cell has this grade_id too",
    ),
    "points that are none": (
        TEST_MEAN,
        TEST_MEAN.replace("7", "0"),
        "cell 'test_mean': points = 0 must be a number above 0",
    ),
    "points that do not add up": (
        TEST_MEAN,
        TEST_MEAN.replace("7", "8"),
        "tests give 16 and answers graded by hand 5, together 21, but course.toml says 20",
    ),
    "a region that never ends": (
        '    ### END SOLUTION\n\n\n# %% nbgrader={"grade": true, "grade_id": "test_doubled"',
        '\n\n# %% nbgrader={"grade": true, "grade_id": "test_doubled"',
        "cell 'doubled': ### BEGIN SOLUTION has no ### END SOLUTION",
    ),
    "hidden tests whose beginning is misspelt": (
        "### BEGIN HIDDEN TESTS\nassert math",
        "### BEGIN HIDDEN TEST\nassert math",
        "cell 'test_mean': '### BEGIN HIDDEN TEST' is not a mark that nbgrader knows",
    ),
    "hidden tests that only end": (
        "### BEGIN HIDDEN TESTS\nassert math",
        "assert math",
        "cell 'test_mean': ### END HIDDEN TESTS has no ### BEGIN HIDDEN TESTS above it",
    ),
    "a solution in a plain cell": (
        "# %%\nimport math\n",
        "# %%\nimport math\n### BEGIN SOLUTION\nanswer = 1\n### END SOLUTION\n",
        "begins 'import math': holds a solution region but is no solution cell",
    ),
    "a helper beside the function": (
        "def mean(values):",
        "def total(values):\n    return sum(values)\n\n\ndef mean(values):",
        "cell 'mean': must hold the function or class mean and nothing else",
    ),
    "another function's name": (
        "def mean(values):",
        "def average(values):",
        "cell 'mean': must hold the function or class mean and nothing else",
    ),
    "a test of nothing above it": (
        TEST_MEAN,
        TEST_MEAN.replace("test_mean", "test_median"),
        "cell 'test_median': the tests of a function f are called test_f",
    ),
    "a marker of another cell": (
        "def mean(values):",
        "# @doubled\ndef mean(values):",
        "cell 'mean': its first line marks it as 'doubled'",
    ),
    "a cell magic": (
        "def mean(values):",
        "%%time\ndef mean(values):",
        "cell 'mean': holds a cell magic",
    ),
    "code that is no Python": (
        "def mean(values):",
        "def mean(values)",
        "cell 'mean': is not valid Python: expected ':', line 2",
    ),
}

# Where a copy was left -> (text, its replacement, what the refusal names).
LEAKS = {
    "a solution's line in a hint": (
        HINT,
        HINT + "# Hint: `return math.fsum(values) / len(values)`.\n",
        "begins '## The mean' shows students a line of the solution in cell 'mean'",
    ),
    "a solution in folded help, wrapped otherwise": (
        HINT,
        HINT
        + "# <details>\n#\n#     result = [2 * value\n#               for value in values]\n# </details>\n",
        "shows students a line of the solution in cell 'doubled'",
    ),
    "most of a solution in a plain code cell": (
        "# %%\nimport math\n",
        "# %%\nimport math\nvalues = [1]\nif len(values) == 0:\n    print()\nmath.fsum(values) / len(values)\n"
        "result = [2 * value for value in values]\n",
        "begins 'import math' shows students a line of the solution in cell 'doubled'",
    ),
    "a hidden test among the visible ones": (
        "assert abs(mean([1, 2, 6]) - 3) < 1e-9",
        'assert math.isnan(mean([])), "the mean of nothing should be NaN, not an error"\n'
        "assert abs(mean([1, 2, 6]) - 3) < 1e-9",
        "cell 'test_mean' shows students a line of the hidden test in cell 'test_mean'",
    ),
    "a model answer in the question": (
        "# ## In your own words\n",
        "# ## In your own words\n# A few extreme values move it far from where most of the numbers lie.\n",
        "begins '## In your own words' shows students a line of the solution in cell 'written'",
    ),
    "a solution in a cell's tags": (
        "# %%\nimport math\n",
        '# %% tags=["return math.fsum(values) / len(values)"]\nimport math\n',
        "what is stored beside the code cell that begins 'import math' shows a line of the solution",
    ),
}

# What was done -> (text, its replacement, what the refusal says once the lab has been run).
FAILING = {
    "a solution that fails its own test": (
        "result = [2 * value",
        "result = [3 * value",
        "cell 'test_doubled' fails in the solved lab: AssertionError: each number",
    ),
    "a test that passes on the stub": (
        "doubled(given)\n",
        "print(given)\n",
        "cell 'test_doubled_2' earns 3 points with nothing written",
    ),
    "a solution that warns": (
        "    result = [2",
        "    import sys\n    print('careful', file=sys.stderr)\n    result = [2",
        "cell 'test_doubled' writes to stderr in the solved lab, which nbgrader scores 0: 'careful'",
    ),
    "a test that ends on an expression": (
        "    doubled(given)",
        "    doubled(given)\ngiven == [1, 2]",
        "cell 'test_doubled_2' ends on an expression, whose value nbgrader takes for partial credit",
    ),
    "a lecture cell that breaks": (
        "# %%\nimport math\n",
        "# %%\nimport maths\n",
        "begins 'import maths' fails in the solved lab: ModuleNotFoundError",
    ),
}


@pytest.mark.parametrize("case", [*BROKEN, *LEAKS])
def test_refused_before_anything_runs(case, tmp_path):
    old, new, says = {**BROKEN, **LEAKS}[case]
    course = copy_course(tmp_path / "course", lab=(old, new))
    with pytest.raises(BuildRefused, match=rf"(?s){LAB}, .*{escaped(says)}"):
        make_lab(course, LAB)


@pytest.mark.parametrize("case", FAILING)
def test_refused_after_a_run(case, tmp_path):
    old, new, says = FAILING[case]
    course = copy_course(tmp_path / "course", lab=(old, new))
    refused = build(course, [LAB], report=quiet).refused
    assert len(refused) == 1
    assert says in refused[0]
    assert not course.lab_notebooks.exists()
    assert not course.root.exists()


def slow_solution(folder, seconds):
    """The tiny lab under a limit of 1 s a cell, its first solution taking so long."""
    copy_course(folder, settings=("cell_seconds = 10", "cell_seconds = 1"))
    slow = f"    import time\n\n    time.sleep({seconds})\n    result = [2"
    edit(folder, "lab", "    result = [2", slow)
    return load_course(folder)


def test_a_solution_slower_than_its_own_limit_is_told_of(tmp_path):
    said = []
    assert build(slow_solution(tmp_path / "course", 0.6), [LAB], report=said.append).ok
    slow = r"cell 'test_doubled' took \d+ s here, and while grading a cell may take 1 s"
    assert any(re.search(slow, line) for line in said)


def test_a_solution_that_hangs_is_refused(tmp_path):
    refused = build(slow_solution(tmp_path / "course", 60), [LAB], report=quiet).refused
    assert "run solved: cell 'test_doubled' ran for more than 4 s" in refused[0]


def test_every_problem_of_a_lab_is_told_at_once(tmp_path):
    course = copy_course(tmp_path / "course", lab=("def mean(values):", "def average(values):"))
    edit(course.home, "lab", "### BEGIN HIDDEN TESTS\nassert doubled", "assert doubled")
    with pytest.raises(BuildRefused) as refused:
        make_lab(course, LAB)
    assert len(str(refused.value).splitlines()) == 2


def test_a_function_without_a_test_is_refused(tmp_path):
    course = copy_course(tmp_path / "course")
    source = course.lab_sources / f"{LAB}.py"
    cells = source.read_text().split("# %%")
    source.write_text("# %%".join(cell for cell in cells if '"grade_id": "test_mean"' not in cell))
    with pytest.raises(
        BuildRefused, match="cell 'mean': has no test: add a cell test_mean under it"
    ):
        make_lab(course, LAB)


def test_lines_that_public_code_holds_as_well_may_be_quoted(tmp_path):
    course = copy_course(
        tmp_path / "course",
        lab=(
            "# %%\nimport math\n",
            "# %%\nimport math\n\nvalues = [1, 2]\nreturn_value = math.fsum(values) / len(values)\n",
        ),
    )
    edit(
        course.home,
        "lab",
        "    return math.fsum(values) / len(values)",
        "    return_value = math.fsum(values) / len(values)\n    return return_value",
    )
    edit(
        course.home,
        "lab",
        HINT,
        HINT + "# Look again at `return_value = math.fsum(values) / len(values)`.\n",
    )
    make_lab(course, LAB)


def test_a_secret_that_a_converter_left_in_metadata_or_an_attachment_is_found(tmp_path):
    notebooks = make_lab(copy_course(tmp_path / "course"), LAB)
    notebooks.student.metadata["draft"] = {"old": ["return math.fsum(values) / len(values)"]}
    with pytest.raises(
        BuildRefused, match="the notebook's metadata shows a line of the solution in cell 'mean'"
    ):
        check_leaks(LAB, notebooks.instructor, notebooks.student)


def test_what_was_found_right_is_not_run_again_until_something_changes(tmp_path, monkeypatch):
    course = copy_course(tmp_path / "course")
    notebooks = make_lab(course, LAB)
    runs = []
    import autograder.build.verify as module

    run = module.run_notebook
    monkeypatch.setattr(module, "run_notebook", lambda *a, **k: (runs.append(1), run(*a, **k))[1])

    def again(**how):
        verify(course, LAB, notebooks.instructor, notebooks.student, quiet, **how)
        return len(runs)

    assert [again(), again(), again(force=True)] == [2, 2, 4]
    edit(course.home, "lab", "Two small functions", "Two tiny functions")
    assert again() == 6


def escaped(says: str) -> str:
    """`.*` in an expectation stands for anything, all else for itself."""
    return ".*".join(re.escape(part) for part in says.split(".*"))
