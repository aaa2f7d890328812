"""One submission in, one result out: what was right keeps its points, whatever else happened."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.v4 import new_notebook

from autograder.execute import definitions
from autograder.grade import grade
from autograder.results import Result
from autograder.sandbox import bubblewrap
from tests.autograder.handed_in import SOLUTIONS, cell_of, data_of, solved, with_cell

needs_sandbox = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)


@pytest.fixture
def result_of(make_job):
    def run(submission, **limits: float) -> Result:
        return grade(make_job(submission, **limits)).result

    return run


def points_of(result: Result) -> dict[str, float | None]:
    return {check.grade_id: check.points for check in result.checks}


ALL = {"test_doubled": 5, "test_doubled_2": 3, "test_mean": 7, "written": None}


@needs_sandbox
def test_right_work_earns_everything_and_the_written_answer_waits(make_job, tiny_notebooks):
    graded = grade(make_job(solved(tiny_notebooks)))
    result = graded.result
    assert points_of(result) == ALL
    assert (result.status, result.score, result.max_score) == ("needs-manual", 15, 20)
    assert (result.reason, result.repairs, result.limits) == ("", [], [])
    assert result.memory_mb > 10
    notebook = nbformat.reads(graded.notebook.decode(), as_version=4)
    nbformat.validate(notebook)
    assert cell_of(notebook, "test_mean").execution_count is not None


@needs_sandbox
def test_the_stub_earns_nothing_and_nothing_is_left_to_grade(result_of, tiny_notebooks):
    result = result_of(tiny_notebooks.student)
    assert set(points_of(result).values()) == {0.0}
    assert result.status == "graded"
    assert "not written yet" in result.reason


@needs_sandbox
def test_noise_costs_nothing(result_of, tiny_notebooks):
    loud = (
        "import logging, sys, warnings\nfrom tqdm.auto import tqdm\n"
        "def doubled(values):\n    print('x', file=sys.stderr); warnings.warn('x'); logging.error('x')\n"
        "    list(tqdm(range(3)))\n    return [2 * value for value in values]\n"
        "import matplotlib.pyplot as plt\nplt.plot([1]); plt.show()\n5"
    )
    assert points_of(result_of(solved(tiny_notebooks, doubled=loud), cell_seconds=30)) == ALL


@needs_sandbox
def test_a_number_or_a_print_in_a_check_decides_nothing(result_of, tiny_notebooks):
    """Stock nbgrader takes a cell's last value as partial credit."""
    lucky = "class Sevens(float):\n    def __call__(self, values): return 7\ndoubled = Sevens(8)"
    points = points_of(result_of(solved(tiny_notebooks, doubled=lucky)))
    assert (points["test_doubled"], points["test_mean"]) == (0, 7)


@needs_sandbox
@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def mean(values)\n    return 0", "SyntaxError"),
        ("def mean(values):\n    return mean(values)", "RecursionError"),
        ("def mean(values):\n    return input()", "input() can't be used"),
        ("def mean(values):\n    import sys; sys.exit(0)", "SystemExit"),
        ("def mean(values):\n    return bytearray(10**12)", "may use 600 MB of memory"),
        ("def mean(values):\n    open('big', 'wb').write(bytes(10**9))", "a file may have"),
        ("def mean(values):\n    return 0", "add the numbers up and divide"),
        ("raise KeyboardInterrupt", "NameError"),
        ("", "missing"),
    ],
)
def test_a_broken_function_costs_its_own_points_only(result_of, tiny_notebooks, code, why):
    submission = solved(tiny_notebooks, mean=code)
    if not code:
        submission.cells.remove(cell_of(submission, "mean"))
    result = result_of(submission)
    assert points_of(result) == {**ALL, "test_mean": 0}
    assert why in result.reason + " ".join(result.repairs)


@needs_sandbox
@pytest.mark.parametrize(
    ("deed", "told"),
    [
        (
            "while True: pass",
            "ran longer than 2 s and was stopped: look for a loop that never ends",
        ),
        ("import os; os._exit(0)", "ended the kernel itself"),
        ("import os; os.kill(os.getpid(), 11)", "segmentation fault"),
        ("x = []\n    while True: x.append(bytearray(10**7))", "used more than 600 MB of memory"),
        (
            "import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
            "more than 60 processes",
        ),
    ],
)
def test_whatever_a_function_does_to_its_kernel_the_rest_is_graded(
    result_of, tiny_notebooks, deed, told
):
    result = result_of(
        solved(tiny_notebooks, doubled=f"def doubled(values):\n    {deed}"), cell_seconds=2
    )
    assert points_of(result) == {**ALL, "test_doubled": 0, "test_doubled_2": 0}
    assert told in result.reason
    assert result.status == "needs-manual"


@needs_sandbox
def test_a_cell_that_ends_the_kernel_keeps_what_it_defines(result_of, tiny_notebooks):
    code = SOLUTIONS["mean"] + "\nEPS = 8 / 255\nimport os; os._exit(1)"
    result = result_of(solved(tiny_notebooks, mean=code))
    assert points_of(result) == ALL


@needs_sandbox
def test_a_loop_between_the_cells_costs_time_only(result_of, tiny_notebooks):
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    result = result_of(with_cell(solved(tiny_notebooks), stubborn, at=2), cell_seconds=2)
    assert points_of(result) == ALL
    assert "ran longer than 2 s" in result.limits[0]


@needs_sandbox
def test_when_the_notebooks_time_is_over_the_rest_is_said_not_to_have_run(
    result_of, tiny_notebooks
):
    slow = "def doubled(values):\n    while True: pass"
    result = result_of(solved(tiny_notebooks, doubled=slow), cell_seconds=30, notebook_seconds=4)
    assert result.status == "partial"
    assert points_of(result) == {**ALL, "test_doubled": 0, "test_doubled_2": 0, "test_mean": 0}
    assert "the notebook ran longer than 4 s" in result.reason


@needs_sandbox
def test_endless_output_is_cut_and_the_work_is_graded(result_of, tiny_notebooks):
    flood = "for _ in range(100): print('x' * 1_000_000)"
    graded = result_of(with_cell(solved(tiny_notebooks), flood, at=2), cell_seconds=30)
    assert points_of(graded) == ALL
    assert "showed more than 4 MB" in graded.limits[0]


@needs_sandbox
def test_state_that_a_student_leaves_behind_spoils_nothing(result_of, tiny_notebooks):
    restless = (
        "import os, threading, time, warnings\nos.chdir('/tmp')\nwarnings.simplefilter('error')\n"
        "x = given = values = None\nthreading.Thread(target=time.sleep, args=(999,)).start()"
    )
    assert points_of(result_of(with_cell(solved(tiny_notebooks), restless, at=2))) == ALL


@needs_sandbox
def test_the_grader_does_not_run_the_students_version_of_a_check(result_of, tiny_notebooks):
    submission = solved(tiny_notebooks, mean="def mean(values): return 0")
    cell_of(submission, "test_mean").source = "pass"
    assert points_of(result_of(submission))["test_mean"] == 0


def test_what_can_not_be_read_has_a_result_with_the_reason(result_of, tiny_notebooks):
    other = data_of(new_notebook(cells=[]))
    for data, why in (
        (b"", "empty"),
        (b"{}", "not a notebook"),
        (other, "no cells"),
        (None, "nothing"),
    ):
        result = result_of(data)
        assert (result.status, result.score, result.max_score) == ("unreadable", 0, 20)
        assert why in result.reason


@needs_sandbox
def test_latin1_and_format_3_are_graded_like_any_other(result_of, tiny_notebooks):
    submission = with_cell(solved(tiny_notebooks), "é = 1", at=2)
    text = json.dumps(json.loads(data_of(submission)), ensure_ascii=False)
    result = result_of(text.encode("latin-1"))
    assert points_of(result) == ALL
    assert result.repairs == ["was saved as Latin-1"]


def test_definitions_are_what_a_cell_leaves_without_what_it_does():
    code = "%matplotlib inline\nimport os\nN = 3\nbig = [0] * 10**9\ndef f(): pass\nwhile True: pass\nf()"
    assert definitions(code).split() == ["import", "os", "N", "=", "3", "def", "f():", "pass"]
    assert definitions("def broken(") == ""
