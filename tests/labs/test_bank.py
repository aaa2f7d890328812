"""Every lab's checks tell the right versions of its bank from the wrong ones, and say why."""

import time
from pathlib import Path

import pytest

from autograder.bank import Version, read_bank
from autograder.course import load_course
from tests.labs.harness import LabChecks

BANKS = Path(__file__).parents[1] / "banks"
LABS = sorted(load_course(BANKS).labs)
CHECKS = {lab: LabChecks(lab) for lab in LABS}
VERSIONS = [
    pytest.param(
        lab,
        version,
        id=f"{lab}-{function}-{'right' if version.right else 'wrong'}: {version.title}",
    )
    for lab in LABS
    for function, versions in read_bank(BANKS / lab).items()
    for version in versions
]


@pytest.mark.parametrize(("lab", "version"), VERSIONS)
def test_right_versions_pass_and_wrong_ones_are_told_why(lab: str, version: Version):
    outcomes = CHECKS[lab].run(version.function, version.code)
    diagnoses = [outcome.diagnosis for outcome in outcomes if outcome.diagnosis]
    if version.right:
        assert not diagnoses
    else:
        assert diagnoses, "a wrong version passed every check"
        assert any(version.says in diagnosis for diagnosis in diagnoses), diagnoses


@pytest.mark.parametrize("lab", LABS)
def test_the_bank_has_eight_wrong_and_three_right_versions_of_every_function(lab: str):
    bank = read_bank(BANKS / lab)
    assert set(bank) == set(CHECKS[lab].solutions)
    for function, versions in bank.items():
        wrong = [version for version in versions if not version.right]
        assert len(wrong) >= 8, function
        assert len(versions) - len(wrong) >= 3, function


@pytest.mark.parametrize("lab", LABS)
def test_the_solution_passes_and_the_stub_fails_every_check_with_a_word_of_help(lab: str):
    checks = CHECKS[lab]
    for function in checks.solutions:
        assert [outcome.diagnosis for outcome in checks.run(function)] == [None] * len(
            checks.of(function)
        )
        for outcome in checks.run(function, checks.stub(function)):
            assert "not written yet" in (outcome.diagnosis or "")


@pytest.mark.parametrize("lab", LABS)
def test_checks_say_nothing_but_their_promises(lab: str):
    for function in CHECKS[lab].solutions:
        for outcome in CHECKS[lab].run(function):
            assert all(line.startswith("✓ ") for line in outcome.printed.splitlines())


if __name__ == "__main__":  # how long each function's checks take, for the author of a lab
    for lab, checks in CHECKS.items():
        for function in checks.solutions:
            begin = time.perf_counter()
            checks.run(function)
            print(f"{lab} {function}: {time.perf_counter() - begin:.2f} s")
