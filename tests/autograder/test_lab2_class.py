"""A few submissions of lab 2 through `autograder grade`: right, partial, blank and hostile ones."""

from __future__ import annotations

import csv
import re
import shutil
import sys
from unittest import mock

import nbformat
import pytest

from autograder import cli
from autograder.build import ensure_built
from autograder.course import load_course
from autograder.samples import Kit, hand_over, sample_class
from autograder.sandbox import bubblewrap
from tests.autograder.bank_class import ROOT

LAB = "lab2_robustness"
SAMPLES = {"right", "otherwise", "partial", "blank", "spy", "cheat"}

IMPORTED = """\
# @masked_pgd
from course_utils.attacks import masked_pgd
"""
UNTURNED = """\
# @paste_patch
def paste_patch(x, patch, angle, scale, shift):
    upright = torch.stack([1 / scale, 0 * scale, 0 * scale, 1 / scale], dim=1).view(-1, 2, 2)
    theta = torch.cat([upright, -(upright @ shift[:, :, None])], dim=2)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    patches = patch.expand(len(x), *patch.shape)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)
"""


@pytest.fixture
def course(tmp_path):
    """The repository's course with everything that it writes in a folder of the test's own."""
    sources = tmp_path / "notebooks" / "source" / "labs"
    sources.mkdir(parents=True)
    settings = (ROOT / "course.toml").read_text(encoding="utf-8")
    # A busy machine is no reason for a lower score.
    settings = re.sub(r"(cell|notebook|cpu)_seconds = \d+", r"\1_seconds = 900", settings)
    (tmp_path / "course.toml").write_text(settings, encoding="utf-8")
    for source in (ROOT / "notebooks" / "source" / "labs").glob("*.py"):
        shutil.copy(source, sources)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "glossary.md", tmp_path / "docs")
    # That the lab can be solved is the build's own test, and takes half a minute.
    with mock.patch("autograder.build.labs.verify"):
        yield load_course(tmp_path)


@pytest.mark.skipif(
    bubblewrap.why_not() is not None, reason=f"no sandbox here: {bubblewrap.why_not()}"
)
def test_everybody_gets_what_they_deserve(course, tmp_path, monkeypatch, capsys):
    secret = ensure_built(course, LAB, lambda line: None).resolve()
    assignment = nbformat.read(secret, as_version=4)
    kit = Kit(assignment, secret)
    samples = [one for one in sample_class(assignment, LAB, secret) if one.name in SAMPLES]
    samples += [
        kit.hand_in(
            "imported",
            "takes the course's own attack",
            kit.solved(masked_pgd=IMPORTED),
            ["masked_pgd"],
        ),
        kit.hand_in(
            "unturned",
            "pastes its patch upright, which is right at angle 0",
            kit.solved(paste_patch=UNTURNED),
            # a patch that never turns is not trained at random poses either
            ["test_paste_patch_2", "test_train_patch_2"],
        ),
    ]
    hand_over(samples, tmp_path / "handed over", LAB)
    monkeypatch.chdir(tmp_path)
    scores = tmp_path / "scores.csv"
    command = ["autograder", "grade", LAB, "--submissions", "handed over", "--csv", str(scores)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code in (0, None), capsys.readouterr()
    with scores.open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    found = {name: (float(row["score"]), row["status"]) for name, row in rows.items()}
    assert found == {one.name: (one.deserves, one.status) for one in samples}, rows
    assert "write it yourself" in rows["imported"]["reason"]
    assert "angle is ignored: the patch is upright" in rows["unturned"]["reason"]
