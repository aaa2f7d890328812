"""What goes wrong with submissions, handed in as one class: everybody gets what they deserve."""

from __future__ import annotations

import pytest

from autograder.sandbox import bubblewrap
from tests.autograder.bank_class import (
    BANKS,
    course_in,
    differences,
    grade_samples,
    kit_of,
    read_banks,
)

# Nobody meant any harm, but a person should look at these all the same.
LOOKED_AT = {
    *("deletes_home", "fork_bomb", "killed_kernel", "os_exit", "patched_globals"),
    *("leftover_timer", "redefined_names", "segmentation_fault", "threads_left"),
}


@pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
def test_every_fault_gets_a_fair_score_or_a_clear_reason_and_spoils_nobody_elses(tmp_path):
    course = course_in(tmp_path)
    samples = read_banks(kit_of(course), BANKS / "faults")
    results = grade_samples(course, samples)
    wrong = differences(samples, results)
    wrong += [
        f"{name} is flagged: {'; '.join(result.flags)}"
        for name, result in results.items()
        if result.flags and name not in LOOKED_AT
    ]
    assert not wrong, "\n".join(["", *wrong])
