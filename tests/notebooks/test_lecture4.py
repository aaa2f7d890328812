"""Lecture 4 keeps what a lecture promises, and quotes no percentage that nobody measured."""

from __future__ import annotations

import re

import pytest
import torch

from course_utils import models, results
from course_utils.data.world import load_world
from course_utils.models.pretext import PatchNet
from tests.notebooks.lecture import PROMISES, ROOT, Lecture, figures_have_words

LECTURE = Lecture("04_patch_localization")
RESULTS = ROOT / "benchmarks" / "results"
# What is so by definition: nothing was measured.
BY_DEFINITION = {"100 %", "10 %"}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_lecture_4_keeps_what_every_lecture_promises(promise):
    promise(LECTURE)


def test_sections_one_to_seven_are_there():
    assert [heading[0] for heading in LECTURE.headings] == list("1234567")


def test_the_sources_of_the_facts_are_named():
    for paper in ("1505.05192", "1603.09246", "2004.07780"):
        assert paper in LECTURE.text, paper


def test_lab_4_and_its_functions_are_pointed_to():
    assert "lab4_patches" in LECTURE.text
    for name in (
        "neighbour_offset", "sample_pair", "pair_batch", "drop_colour", "PatchNet", "pretext_step",
        "nearest",
    ):  # fmt: skip
        assert f"`{name}`" in LECTURE.text, name


def percentages(text: str) -> set[str]:
    return set(re.findall(r"(?<![\d.,])\d+(?:\.\d+)? %", text))


def test_every_percentage_in_the_prose_was_measured_by_a_benchmark():
    measured: set[str] = set()
    for name in ("lecture4_shortcuts", "selfsup_labels"):
        measured |= percentages((RESULTS / f"{name}.md").read_text(encoding="utf-8"))
    for quoted in percentages(LECTURE.text) - BY_DEFINITION:
        assert quoted in measured, f"{quoted} stands in no file of {RESULTS.name}"


def test_every_results_file_that_is_named_is_there_with_the_script_that_printed_it():
    named = set(re.findall(r"benchmarks/results/\w+\.md", LECTURE.text))
    assert len(named) == 2
    for name in named:
        script = ROOT / name.replace("results/", "").replace(".md", ".py")
        assert script.is_file(), script.name
        assert script.name in (ROOT / name).read_text(encoding="utf-8")


def test_what_the_prose_says_of_few_labels_and_many_was_measured():
    if results.load("selfsup_labels")["provisional"]:
        pytest.skip("the figures are provisional: python benchmarks/selfsup_labels.py")
    curves = results.label_curves()
    few, *_, many = curves["patches"]
    at = {
        method: (curves[method][few].mean, curves[method][many].mean)
        for method in ("from scratch", "rotation", "patches")
    }
    assert at["patches"][0] > at["from scratch"][0] + 0.05, "worth more than training from scratch"
    assert at["rotation"][0] > at["patches"][0], "rotation is worth more"
    assert at["from scratch"][1] > at["patches"][1] - 0.02, "with all labels nobody needs it"


def test_what_the_prose_says_of_the_shortcuts_was_measured():
    figures = results.load("lecture4_shortcuts")["figures"]
    mean = {name: results.Measured(tuple(seeds)).mean for name, seeds in figures.items()}
    touching, apart = "asked about pairs touching", "asked about pairs with gap and jitter"
    blind = "network trained on pairs touching"
    assert mean[f"{blind}, {touching}"] > 2 * mean[f"{blind}, {apart}"], "borders are a shortcut"
    left = mean[f"network trained on pairs with gap and jitter, {apart}"]
    assert 1 / 8 < left < mean[f"{blind}, {touching}"], "something is left over"

    assert mean["cheap lens: own pictures"] > mean["perfect lens: own pictures"], "does better"
    assert mean["cheap lens: perfect lens"] < mean["cheap lens: own pictures"], "needs its lens"
    assert mean["cheap lens: pictures of nothing"] > 2 / 8, "far above guessing"
    nothing = {name.split(":")[0]: value for name, value in mean.items() if "nothing" in name}
    assert nothing["perfect lens"] == pytest.approx(1 / 8, abs=0.04), "honest work only guesses"
    above = {name: value - 1 / 8 for name, value in nothing.items()}
    assert above["cheap lens, colour dropped"] < above["cheap lens"] / 2, "most of it is gone"
    worth = {name.split(":")[0]: value for name, value in mean.items() if "linear" in name}
    assert worth["untrained encoder"] < worth["cheap lens"] < worth["perfect lens"]
    for remedied in ("perfect lens, colour dropped", "cheap lens, colour dropped"):
        assert worth[remedied] < worth["perfect lens"] - 0.02, "the remedy has a price"
        assert worth[remedied] == pytest.approx(worth["cheap lens"], abs=0.02), "as the cheat has"


@pytest.fixture(scope="module")
def small():
    return load_world(48, n_train=120, n_validation=40, n_test=10, n_unlabelled=80, cache=False)


@pytest.fixture
def shrunken(monkeypatch, small):
    """The lecture in little: few pictures, and untrained networks."""

    def network(name, device=None):
        torch.manual_seed(0)
        encoder = models.Encoder(4)
        return (PatchNet(encoder) if "patches" in name else models.Classifier(encoder, 10)).eval()

    monkeypatch.setattr("course_utils.data.load", lambda name, **options: small)
    monkeypatch.setattr(models.zoo, "load", network)


FEWER = {
    r"QUERIES = torch.tensor\(\[[\d, ]+\]\)": "QUERIES = torch.tensor([3, 16, 20])",
    r"per_class=10": "per_class=2",
    r"sample\(300, seed=77\)": "sample(60, seed=77)",
    r"\(300, 2\)": "(60, 2)",
    r"new_ones\(300, 1\)": "new_ones(60, 1)",
    r"slice\(0, 260\), slice\(260, 300\)": "slice(0, 50), slice(50, 60)",
    r"x\[:(\d+)\]": r"x[:min(\1, 24)]",
}


def fewer(source: str) -> str:
    """The same cell on fewer pictures."""
    for pattern, replacement in FEWER.items():
        source = re.sub(pattern, replacement, source)
    return source


@pytest.mark.parametrize("heading", LECTURE.headings)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    figures_have_words(LECTURE.run(heading, {}, fewer))
