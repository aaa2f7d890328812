"""Who must not get in: nobody of the hostile bank earns more than their honest part, or harms another."""

from __future__ import annotations

import contextlib
import sqlite3
import sysconfig
from pathlib import Path

import nbformat
import psutil
import pytest

import course_utils
from autograder.build import make_lab
from autograder.course import load_course
from autograder.samples import Kit, sample_class
from autograder.sandbox import bubblewrap
from tests.autograder.bank_class import (
    BANKS,
    LAB,
    ROOT,
    course_in,
    differences,
    grade_samples,
    kit_of,
    load,
    read_banks,
)
from tests.autograder.one_process import earned

needs_sandbox = pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)

HOSTILE = BANKS / "hostile"
NAMES = sorted(path.stem for path in HOSTILE.glob("*.py"))

# The list of what a submission must not get away with, and the submissions that try.
TRIED = {
    "reads hidden tests": "callers_locals traceback_frames text_of_the_check source_of_the_check "
    "objects_in_memory own_memory",
    "reads reference solutions": "solutions_on_disk environment git_history other_processes",
    "takes the reference implementation": "imported_reference reference_by_back_doors "
    "reference_from_bytecode reference_in_memory another_library library_from_disk",
    "reads other submissions": "other_submissions found_something",
    "reads or writes the gradebook": "gradebook",
    "reads the environment": "environment other_processes",
    "reads the shell's history": "shells_history",
    "changes the comparison machinery": "patched_allclose patched_close patched_words "
    "patched_conversion patched_methods patched_builtins patched_loss patched_randomness "
    "torch_function_mode fake_check_module own_import patched_from_inside",
    "changes the assertion machinery": "patched_promise swallowed_failures silent_check_failed",
    "changes the display machinery": "partial_credit no_error_output",
    "changes the traceback machinery": "no_traceback",
    "changes the exception machinery": "custom_exception_handler hostile_exceptions "
    "exceptions_that_bite own_check_broken",
    "changes the execution machinery": "input_transformer ast_transformer own_run_cell "
    "before_every_cell tracing",
    "changes what is compared with": "emptied_labels emptied_model",
    "returns what equals anything": "equal_to_anything tensor_subclass float_subclass lying_class "
    "instance_attributes",
    "forges a result": "forged_reply answers_before_asked answers_twice a_second_speaker "
    "replaced_server crafted_messages crafted_bytes",
    "leaves something running": "left_a_process background_thread left_for_later kills_everybody",
    "leaves something lying around": "left_for_later found_something shadowing_modules",
    "reaches for others": "others_channels own_descriptors listening kills_everybody other_processes",
    "reaches the network": "network",
    "writes to course_utils or the installation": "writes_to_the_packages shadowing_modules",
    "answers with something huge": "huge_answers",
    "answers with something nested": "bottomless_answers",
    "answers with something malformed": "strange_tensors odd_containers objects_that_bite "
    "wrong_shapes crafted_values dying_answers",
    "makes its words a weapon": "markup_in_messages texts_that_are_none",
    "answers with NaN": "not_numbers",
    "answers in the wrong dtype": "wrong_kinds_of_numbers",
    "never answers": "dies_in_a_check stops_itself endless_callbacks misused_callbacks",
}


def test_every_line_of_the_list_is_tried_and_every_submission_belongs_to_one():
    tried = {name for names in TRIED.values() for name in names.split()}
    assert tried == set(NAMES)


FOOLING = [name for name in NAMES if hasattr(load(HOSTILE / f"{name}.py"), "FOOLS")]


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Kit:
    assignment = make_lab(load_course(ROOT), LAB).instructor
    secret = tmp_path_factory.mktemp("course") / "source" / LAB / f"{LAB}.ipynb"
    secret.parent.mkdir(parents=True)
    nbformat.write(assignment, secret)
    return Kit(assignment, secret)


@pytest.mark.parametrize("name", FOOLING)
def test_it_does_fool_checks_that_run_in_its_own_process(name, kit, tmp_path):
    """Without this, an attack that never worked would prove nothing about the grader."""
    bank = load(HOSTILE / f"{name}.py")
    points = earned(bank.submission(kit).data, kit.assignment, bank.FOOLS, tmp_path)
    assert set(points) == set(bank.FOOLS)
    assert all(points.values()), points


@needs_sandbox
def test_nobody_earns_more_than_their_honest_part_and_nobody_else_is_harmed(tmp_path):
    course = course_in(tmp_path)
    samples = read_banks(kit_of(course), HOSTILE)
    honest = sample_class(kit_of(course).assignment, LAB, course.source_notebook(LAB))
    samples += [sample for sample in honest if sample.name in ("right", "noisy", "partial")]
    before = _installation(), _lying_around()
    wrong = differences(samples, grade_samples(course, samples))
    assert not wrong, "\n".join(["", *wrong])
    assert (_installation(), _lying_around()) == before
    assert _recorded(course.gradebook) == (sum(sample.deserves for sample in samples), 0)
    assert not _still_running()


def _recorded(gradebook: Path) -> tuple[float, int]:
    """The points that the grader has given altogether, and the number of entries that it never makes."""
    with contextlib.closing(sqlite3.connect(gradebook)) as book:
        return book.execute(
            "SELECT sum(auto_score), sum(manual_score IS NOT NULL OR coalesce(extra_credit, 0) != 0) FROM grade"
        ).fetchone()


def _installation() -> dict[str, tuple[int, int]]:
    """Sizes and dates of what a submission would have to change."""
    folders = [Path(course_utils.__file__).parent, Path(sysconfig.get_path("purelib"))]
    files = [*folders[0].rglob("*.py"), *folders[1].glob("*.pth"), *folders[1].glob("*.py")]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def _lying_around() -> list[Path]:
    places = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home()]
    return [path for place in places for path in place.glob("left-behind-by-a-submission")]


def _still_running() -> list[int]:
    """Processes that came of grading and outlived it."""
    mine = psutil.Process()
    return [child.pid for child in mine.children(recursive=True) if "bwrap" in child.name()]
