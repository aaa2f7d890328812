"""What goes wrong with submissions, handed in as one class: everybody gets what they deserve."""

from __future__ import annotations

import pytest

from autograder.sandbox import bubblewrap
from tests.autograder.bank_class import BANKS, grade_banks


@pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
def test_every_fault_gets_a_fair_score_or_a_clear_reason_and_spoils_nobody_elses(tmp_path):
    wrong = grade_banks(tmp_path, BANKS / "faults")
    assert not wrong, "\n".join(["", *wrong])
