"""Lecture 2 keeps what a lecture promises, and quotes no percentage that nobody measured."""

from __future__ import annotations

import re

import pytest
import torch

from course_utils import models
from course_utils.data.world import load_world
from tests.notebooks.lecture import PROMISES, ROOT, Lecture, figures_have_words

LECTURE = Lecture("02_robustness")
RESULTS = ROOT / "benchmarks" / "results"

# Percentages that others measured, and where: the lecture names the source beside them.
FROM_PAPERS = {
    "3 %": "1907.07174",
    "2 %": "1907.07174",
    "95.2 %": "1706.06083",
    "87.3 %": "1706.06083",
    "45.8 %": "1706.06083",
    "100 %": "1707.08945",
    "84.8 %": "1707.08945",
    "6.5 %": "Sharif",
    "76.7 %": "1903.12261",
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_lecture_2_keeps_what_every_lecture_promises(promise):
    promise(LECTURE)


def test_sections_one_to_nine_are_there():
    assert [heading[0] for heading in LECTURE.headings] == list("123456789")[
        : len(LECTURE.headings)
    ]
    assert len(re.findall(r"^## \d · ", LECTURE.text, re.MULTILINE)) == 9


def test_the_sources_of_the_facts_are_named():
    papers = (
        "1907.07174", "1706.06083", "2001.03994", "1912.00049", "2003.01690", "1712.09665",
        "1707.07397", "1707.08945", "1903.12261", "Accessorize to a crime",
    )  # fmt: skip
    for paper in papers:
        assert paper in LECTURE.text, paper


def test_lab_2_and_its_functions_are_pointed_to():
    assert "lab2_robustness" in LECTURE.text
    for name in (
        "worst_group_accuracy", "mean_corruption_error", "adversarial_training_step", "paste_patch",
        "train_patch", "eot_gradient", "masked_pgd",
    ):  # fmt: skip
        assert f"`{name}`" in LECTURE.text, name


def percentages(text: str) -> set[str]:
    return set(re.findall(r"(?<![\d.,])\d+(?:\.\d+)? %", text))


def test_every_percentage_in_the_prose_was_measured_by_a_benchmark_or_stands_in_a_named_paper():
    measured: set[str] = set()
    for path in RESULTS.glob("lecture*.md"):
        measured |= percentages(path.read_text(encoding="utf-8"))
    for quoted in percentages(LECTURE.text) - measured:
        assert quoted in FROM_PAPERS, f"{quoted} stands in no file of {RESULTS.name}"
        assert FROM_PAPERS[quoted] in LECTURE.text, f"{quoted}: its source is not named"


def test_every_results_file_that_is_named_is_there_with_the_script_that_printed_it():
    named = set(re.findall(r"benchmarks/results/\w+\.md", LECTURE.text))
    assert named, "the lecture names none of its tables"
    for name in named:
        script = ROOT / name.replace("results/", "").replace(".md", ".py")
        assert (ROOT / name).is_file(), name
        assert script.is_file(), script.name
        assert script.name in (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small():
    return load_world(48, n_train=64, n_validation=10, n_test=60, n_unlabelled=0, cache=False)


@pytest.fixture
def shrunken(monkeypatch, small):
    """The lecture in little: few pictures, few steps, and untrained networks, which err often enough."""

    def network(name, device=None):
        torch.manual_seed(0)
        encoder = models.Encoder(4)
        return (encoder if name == "faces_encoder" else models.Classifier(encoder, 10)).eval()

    monkeypatch.setattr("course_utils.data.load", lambda name, **options: small)
    monkeypatch.setattr(models.zoo, "load", network)


FEWER = {
    r"\bsteps=\d+": "steps=2",
    # An honest evaluation takes no fewer than 20.
    r'"restarts": 2, "steps": 20, "queries": 200': '"restarts": 1, "steps": 20, "queries": 4',
    r'"steps": [1-9]\d+(?!, "queries")\b': '"steps": 2',
    r"queries=\d+": "queries=4",
    r"sample\(1000,": "sample(60,",
    r"world\(300,": "world(40,",
    r"n=100\b": "n=6",
    r"^n, chance = \d+": "n, chance = 4",
    r"x\[:(50|25)\], y\[:(50|25)\]": "x[:4], y[:4]",
    r"test\[:\d+\]": "test[:6]",
    r"train\[:2048\]": "train[:96]",
}


def fewer(source: str) -> str:
    """The same cell on fewer pictures, with fewer steps."""
    for pattern, replacement in FEWER.items():
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return source


# The last section, where nothing is run, has no code.
@pytest.mark.parametrize("heading", LECTURE.headings)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    figures_have_words(LECTURE.run(heading, {}, fewer))


def test_without_a_front_end_the_widgets_are_figures_and_what_is_missing_is_a_line(shrunken):
    from course_utils.widgets import Note

    shown = LECTURE.run(LECTURE.headings[0], {}, fewer)
    notes = [value for value in shown if isinstance(value, Note)]
    assert len(notes) == 1
    assert "ImageNet-A" in repr(notes[0])
