"""Lecture 5 keeps what a lecture promises, and quotes no percentage that nobody measured."""

from __future__ import annotations

import json
import re

import pytest
import torch

from course_utils import models, results
from course_utils.data.world import load_world
from course_utils.models.pretext import PatchNet, ProjectionHead, SimCLRNet
from tests.notebooks.lecture import PROMISES, ROOT, Lecture, figures_have_words

LECTURE = Lecture("05_simclr")
RESULTS = ROOT / "benchmarks" / "results"

# Percentages that others measured, and where: the lecture names the source beside them.
FROM_PAPERS = {
    "67.6 %": "2002.05709",
    "25.6 %": "2002.05709",
    "76.5 %": "2002.05709",
    "85.8 %": "2002.05709",
}
# Settings, not measurements.
SETTINGS = {"5 %"}  # how small a crop the reader should try


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_lecture_5_keeps_what_every_lecture_promises(promise):
    promise(LECTURE)


def test_sections_one_to_ten_are_there_and_in_the_table():
    numbers = re.findall(r"^## (\d+) · (.+)", LECTURE.text, re.MULTILINE)
    assert [int(number) for number, _ in numbers] == list(range(1, 11))
    for number, heading in numbers:
        assert f"| {number} | {heading.strip()} |" in LECTURE.text, heading


def test_the_sources_of_the_facts_are_named():
    for paper in ("2002.05709", "1803.07728", "1505.05192", "1906.12340", "2010.08377", "t-SNE"):
        assert paper in LECTURE.text, paper


def test_lab_5_and_its_functions_are_pointed_to():
    assert "lab5_simclr" in LECTURE.text
    for name in (
        "random_resized_crop", "cutout", "two_views", "ProjectionHead", "similarity", "nt_xent",
        "simclr_step", "knn_accuracy",
    ):  # fmt: skip
        assert f"`{name}`" in LECTURE.text, name


def percentages(text: str) -> set[str]:
    return set(re.findall(r"(?<![\d.,])\d+(?:\.\d+)? %", text))


def test_every_percentage_in_the_prose_was_measured_by_a_benchmark_or_stands_in_a_named_paper():
    measured: set[str] = set()
    for pattern in ("selfsup*.md", "simclr_ablation.md"):
        for path in RESULTS.glob(pattern):
            measured |= percentages(path.read_text(encoding="utf-8"))
    for quoted in percentages(LECTURE.text) - measured - SETTINGS:
        assert quoted in FROM_PAPERS, f"{quoted} stands in no file of {RESULTS.name}"
        assert FROM_PAPERS[quoted] in LECTURE.text, f"{quoted}: its source is not named"


def test_every_results_file_that_is_named_is_there_with_the_script_that_printed_it():
    named = set(re.findall(r"benchmarks/results/\w+\.md", LECTURE.text))
    assert len(named) == 3
    for name in named:
        script = ROOT / name.replace("results/", "").replace(".md", ".py")
        assert (ROOT / name).is_file(), name
        assert script.is_file(), script.name
        assert script.name in (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small():
    # Enough labelled pictures for 2 of each class to be drawn, and every class among the test pictures.
    return load_world(48, n_train=160, n_validation=10, n_test=80, n_unlabelled=32, cache=False)


METHODS = ("random encoder", "rotation", "patches", "SimCLR", "supervised")

# What is drawn of the results on robustness.
CONDITIONS = (
    "clean", "PGD-20, eps 0.5/255", "PGD-20, eps 1/255",
    "corrupted", "colour cue matched", "colour cue reversed",
    "before scenes", "background cue matched", "background cue reversed",
)  # fmt: skip


def page(name: str) -> dict:
    """Made results in the form in which the benchmarks write them."""
    one = {"test": [0.5, 0.6], "validation": [0.5, 0.6]}
    curve = {"10": one, "50": one, "800": one}
    measures = {m: curve for m in (results.LINEAR, results.NEIGHBOURS, results.FINE_TUNING)}
    values = {method: [0.4, 0.5] for method in METHODS}
    figures = {
        "selfsup_labels": {
            "methods": {method: measures for method in (*METHODS, "from scratch")},
            "head": {"before the head": curve, "after the head": curve},
        },
        "selfsup_robustness": {
            "accuracy": {condition: values for condition in CONDITIONS},
            "mean corruption error": values,
        },
        "simclr_ablation": {
            f"{left_out}: {results.LINEAR}, {n} a class": [0.4, 0.5]
            for left_out in ("nothing left out", "without crop")
            for n in (10, 50)
        },
    }
    return {"script": "", "seeds": [0, 1], "provisional": True, "figures": figures[name]}


def untrained(name, device=None):
    torch.manual_seed(0)
    encoder = models.Encoder(4)
    made = {
        "world_simclr": lambda: SimCLRNet(
            encoder, ProjectionHead(encoder.feature_dim, encoder.feature_dim, 8)
        ),
        "world_patches": lambda: PatchNet(encoder),
        "world_rotation": lambda: models.Classifier(encoder, 4),
    }
    return made.get(name, lambda: models.Classifier(encoder, 10))().eval()


@pytest.fixture
def shrunken(monkeypatch, small, tmp_path):
    """The lecture in little: few pictures, untrained networks, and results that nobody measured."""
    monkeypatch.setattr("course_utils.data.load", lambda name, **options: small)
    monkeypatch.setattr(models.zoo, "load", untrained)
    monkeypatch.setattr(models.zoo, "card", lambda name: f"# {name}")
    monkeypatch.setattr(results, "folder", lambda: tmp_path)
    for name in ("selfsup_labels", "selfsup_robustness", "simclr_ablation"):
        (tmp_path / f"{name}.json").write_text(json.dumps(page(name)), encoding="utf-8")


FEWER = {
    r"PICTURES, EPOCHS = device.sized\(.*\)": "PICTURES, EPOCHS = 32, 1",
    r"batches\(300\)": "batches(80)",
    r"few_labels\(pictures.train, 50,": "few_labels(pictures.train, 5,",
    r"\bsteps=5\b": "steps=1",
    r"\], 50$": "], 4",
    r"world\(400,": "world(40,",
    r"world\(300,": "world(20,",
    r"n=64\b": "n=8",
}


def fewer(source: str) -> str:
    """The same cell on fewer pictures, with fewer steps."""
    for pattern, replacement in FEWER.items():
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return source


def test_every_shortening_still_shortens_something():
    code = "\n".join(LECTURE.code)
    for pattern in FEWER:
        assert re.search(pattern, code, re.MULTILINE), pattern


@pytest.mark.parametrize("heading", LECTURE.headings)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    figures_have_words(LECTURE.run(heading, {}, fewer))


def test_the_loss_by_hand_is_the_library_s_loss(shrunken):
    names: dict = {}
    LECTURE.run(next(h for h in LECTURE.headings if h.startswith("3")), names, fewer)
    assert float(names["by_hand"]) == pytest.approx(float(names["library"]), abs=1e-5)


@pytest.mark.parametrize(
    "name", ["selfsup_labels", "selfsup_robustness", "simclr_ablation"], ids=lambda name: name
)
def test_what_the_lecture_draws_was_measured(name):
    """The page that the lecture draws from is there, and isn't a trial."""
    measured = results.load(name)
    assert measured["provisional"] is False, "a trial: run its script in full"
    assert len(measured["seeds"]) >= 3


def test_what_the_lecture_draws_of_robustness_is_among_what_was_measured():
    assert set(CONDITIONS) <= set(results.robustness())
