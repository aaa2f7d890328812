"""The sample class, the audit and the doctor on the tiny course."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder import demo, doctor
from autograder.audit import run_audit
from autograder.course import CourseError
from autograder.results import Result
from autograder.samples import Kit, Sample, sample_class
from autograder.sandbox import bubblewrap, choice
from tests.autograder.tiny import LAB

needs_sandbox = pytest.mark.skipif(
    choice.why_not() is not None, reason=f"no sandbox here: {choice.why_not()}"
)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=200)


def printed(console: Console) -> str:
    return console.file.getvalue()


@needs_sandbox
def test_every_sample_gets_what_it_deserves(built, console, monkeypatch):
    monkeypatch.setattr(demo, "_CELL_SECONDS", 4)
    assert demo.run_demo(built, None, console), printed(console)
    assert "27 of 27 got what they deserve" in printed(console)
    assert built.source_notebook(LAB).is_file()


@pytest.mark.parametrize(("columns", "lines"), [(80, 2), (120, 1)])
def test_reasons_are_told_where_there_is_room_for_them(columns, lines):
    console = Console(file=io.StringIO(), width=columns)
    sample = Sample("partial", "left two of eight unwritten", None, 65)
    result = Result("partial", LAB, "needs-manual", 65, 100, reason="`fgsm` is not written")
    assert demo._print(console, [sample], {"partial": result})
    rows = [line for line in printed(console).splitlines() if line.startswith("│")]
    assert len(rows) <= lines
    assert ("not written" in printed(console)) == (columns == 120)


def test_without_a_sandbox_only_the_harmless_are_graded(built, console, monkeypatch):
    monkeypatch.setattr(demo, "_CELL_SECONDS", 4)
    monkeypatch.setattr(choice, "why_not", lambda: "bubblewrap is not there")
    kept = {"right", "partial", "quitter", "empty"}
    everybody = sample_class
    monkeypatch.setattr(
        demo,
        "sample_class",
        lambda *arguments: [s for s in everybody(*arguments) if s.name in kept or s.hostile],
    )
    assert demo.run_demo(built, None, console), printed(console)
    assert "NO SANDBOX: bubblewrap is not there" in printed(console)
    assert "4 of 4 got what they deserve" in printed(console)


def test_samples_follow_from_the_lab(tiny_notebooks, tmp_path):
    samples = {
        one.name: one for one in sample_class(tiny_notebooks.instructor, LAB, tmp_path / "x")
    }
    kit = Kit(tiny_notebooks.instructor, tmp_path / "x")
    assert kit.total == 15
    assert samples["right"].deserves == 15
    assert samples["partial"].deserves == 15 - kit.points_of("doubled") - kit.points_of("mean")
    assert b"BEGIN SOLUTION" not in samples["right"].data
    assert b"HIDDEN" not in samples["right"].data


BANK = {
    "doubled": """\
# %% right: a loop
def doubled(values):
    result = []
    for value in values:
        result.append(value + value)
    return result
# %% right: another name for the argument
def doubled(numbers):
    return [number * 2 for number in numbers]
# %% wrong: in place | says: build a new one
def doubled(values):
    for i in range(len(values)):
        values[i] *= 2
    return values
# %% wrong: ends the process | says: ended the kernel itself
def doubled(values):
    import os
    os._exit(0)
""",
    "mean": """\
# %% right: with doubled, to show that it is the reference again
def mean(values):
    return sum(doubled(values)) / len(values) / 2 if values else math.nan
# %% wrong: fails for nothing | says: ZeroDivisionError
def mean(values):
    return sum(values) / len(values)
""",
}


@pytest.fixture
def bank(built):
    folder = built.home / "tests" / "banks" / LAB
    folder.mkdir(parents=True)
    for function, text in BANK.items():
        (folder / f"{function}.py").write_text(text)
    return folder


@needs_sandbox
def test_the_audit_catches_wrong_versions_and_keeps_right_ones(built, bank, console):
    assert run_audit(built, LAB, None, console), printed(console)
    told = printed(console)
    assert told.count("caught") == 3
    assert told.count("kept") == 3
    assert "in 4 notebooks; 0 not as they should be" in told


@needs_sandbox
def test_the_audit_names_what_it_missed_and_wrongly_failed(built, bank, console):
    (bank / "doubled.py").write_text(
        "# %% right: is not\ndef doubled(values): return 0\n"
        "# %% wrong: is not | says: x\ndef doubled(values): return [2 * v for v in values]\n"
        "# %% wrong: is wrong | says: something else\ndef doubled(values): return 1\n"
    )
    assert not run_audit(built, LAB, None, console)
    for word in ("WRONGLY FAILED doubled", "MISSED", "UNCLEAR"):
        assert word in printed(console)


@needs_sandbox
def test_a_bank_for_a_function_that_is_not_there_is_a_mistake(built, bank, console):
    (bank / "median.py").write_text(BANK["mean"])
    with pytest.raises(CourseError, match="median"):
        run_audit(built, LAB, None, console)


def test_the_doctor_names_what_is_missing_and_how_to_get_it(console, built, monkeypatch):
    monkeypatch.chdir(built.home)
    monkeypatch.setattr(doctor, "_torch", lambda: iter([doctor.Finding("torch", "ok", "")]))
    monkeypatch.setattr(doctor, "_nbgrader", lambda: iter([]))
    assert doctor.run_doctor(console) == (choice.why_not() is None)
    monkeypatch.setattr(choice, "why_not", lambda: f"bubblewrap is not there: {bubblewrap.INSTALL}")
    monkeypatch.setattr(doctor, "_installed", lambda name: name != "nbgrader")
    assert not doctor.run_doctor(console)
    assert "apt-get install bubblewrap" in printed(console)
    assert "without nbgrader: pip install" in printed(console)


def test_the_doctor_survives_what_it_examines(console, monkeypatch):
    def broken():
        raise OSError("no such thing")
        yield

    for name in ("_torch", "_nbgrader", "_chromium", "_disk"):
        monkeypatch.setattr(doctor, name, broken)
    assert not doctor.run_doctor(console)
    assert "could not be examined: OSError: no such thing" in printed(console)
