"""Lecture 3 keeps what a lecture promises, and quotes no percentage that nobody measured."""

from __future__ import annotations

import re

import pytest
import torch

from course_utils import models, plots, results
from course_utils.data.world import load_world
from tests.notebooks.lecture import PROMISES, ROOT, Lecture, figures_have_words

LECTURE = Lecture("03_rotation")
RESULTS = ROOT / "benchmarks" / "results"

# Percentages that others measured, or that follow from the task, and where: named beside them.
FROM_ELSEWHERE = {"54.4 %": "1803.07728", "25 %": "guessing"}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_lecture_3_keeps_what_every_lecture_promises(promise):
    promise(LECTURE)


def test_sections_one_to_eight_are_there():
    assert [heading[0] for heading in LECTURE.headings] == list("12345678")


def test_the_sources_of_the_facts_are_named():
    for paper in ("1803.07728", "1505.05192", "2004.07780", "CVPR 2009"):
        assert paper in LECTURE.text, paper


def test_lab_3_and_its_functions_are_pointed_to():
    assert "lab3_rotation" in LECTURE.text
    for name in (
        "rotate_batch", "rotation_task", "RotationNet", "pretext_step", "extract_features",
        "linear_probe", "upside_down",
    ):  # fmt: skip
        assert f"`{name}`" in LECTURE.text, name


def percentages(text: str) -> set[str]:
    return set(re.findall(r"(?<![\d.,])\d+(?:\.\d+)? %", text))


def rows(text: str) -> list[list[str]]:
    """The cells of every line of every table."""
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_every_percentage_in_the_prose_was_measured_by_a_benchmark_or_stands_in_a_named_paper():
    measured: set[str] = set()
    for name in ("selfsup_labels", "lecture3_horizon"):
        measured |= percentages((RESULTS / f"{name}.md").read_text(encoding="utf-8"))
    for quoted in percentages(LECTURE.text) - measured:
        assert quoted in FROM_ELSEWHERE, f"{quoted} stands in no file of {RESULTS.name}"
        assert FROM_ELSEWHERE[quoted] in LECTURE.text, f"{quoted}: its source is not named"


QUOTED = {
    "from scratch": ("from scratch", results.FINE_TUNING),
    "rotation, linear probe": ("rotation", results.LINEAR),
    "rotation, k-NN": ("rotation", results.NEIGHBOURS),
    "rotation, fine-tuning": ("rotation", results.FINE_TUNING),
    "random encoder, linear probe": ("random encoder", results.LINEAR),
}


@pytest.mark.parametrize("line", QUOTED)
def test_a_line_about_few_labels_says_what_was_measured_of_it(line):
    method, measure = QUOTED[line]
    curve = results.label_curves(measure)[method]
    wanted = [f"{100 * curve[n].mean:.2f} %" for n in sorted(curve)]
    quoted = [cells for first, *cells in rows(LECTURE.text) if first == line]
    assert quoted, f"no line about {line}"
    assert all(cells == wanted for cells in quoted), f"{quoted} but measured {wanted}"


def test_the_tables_say_how_many_labels_all_are_and_whether_the_figures_are_provisional():
    page = results.load("selfsup_labels")
    every = max(results.label_curves()["rotation"])
    assert LECTURE.text.count(f"| all, {every} a class |") == 2
    assert ("provisional" in LECTURE.text.lower()) == page["provisional"]
    told = LECTURE.text.count("*Means over three seeds: `benchmarks/selfsup_labels")
    assert told == (2 if len(page["seeds"]) == 3 else 0)


def test_the_quoted_pretext_accuracy_is_the_measured_one():
    measured = results.pretext_accuracies()["rotation"].mean
    assert f"On the test pictures it is {100 * measured:.2f} %" in LECTURE.text


def test_every_line_about_the_horizon_stands_so_in_its_page_of_results():
    page = (RESULTS / "lecture3_horizon.md").read_text(encoding="utf-8")
    measured = {first: cells for first, *cells in rows(page)}
    quoted = {first: cells for first, *cells in rows(LECTURE.text) if first in measured}
    told = {first: cells for first, cells in quoted.items() if "%" in cells[0]}
    assert len(told) >= 6
    for first, cells in told.items():
        assert cells == [cell.split(" ±")[0] for cell in measured[first]], first


def test_every_results_file_that_is_named_is_there_with_the_script_that_printed_it():
    named = set(re.findall(r"benchmarks/results/\w+\.md", LECTURE.text))
    assert len(named) == 2
    for name in named:
        script = ROOT / name.replace("results/", "").replace(".md", ".py")
        assert (ROOT / name).is_file(), name
        assert script.is_file(), script.name
        assert script.name in (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def small():
    return load_world(48, n_train=120, n_validation=300, n_test=10, n_unlabelled=24, cache=False)


@pytest.fixture
def shrunken(monkeypatch, small):
    """The lecture in little: few pictures, few updates, untrained networks, made-up curves."""

    def network(name, device=None):
        torch.manual_seed(0)
        return models.Classifier(models.Encoder(4), 4).eval()

    made_up = {10: results.Measured((0.4, 0.5)), 800: results.Measured((0.9, 0.9))}
    methods = ("random encoder", "from scratch", "rotation", "supervised")
    monkeypatch.setattr("course_utils.data.load", lambda name, **options: small)
    monkeypatch.setattr(models.zoo, "load", network)
    monkeypatch.setattr(results, "label_curves", lambda *a, **o: dict.fromkeys(methods, made_up))


FEWER = {
    r"updates=60": "updates=1",
    r"\(1, 3, 10, 30, 100\)": "(1, 3)",
    r"few_labels\(pictures.train, 10,": "few_labels(pictures.train, 2,",
    r"from_scratch\(10\)": "from_scratch(2)",
    r"PICTURES, EPOCHS = device.sized\(.*\)": "PICTURES, EPOCHS = 16, 1",
    r"sample\(200,": "sample(12,",
    r"x\[:200\]": "x[:12]",
    r"models.Encoder\(\)": "models.Encoder(4)",
}


def fewer(source: str) -> str:
    """The same cell on fewer pictures, with fewer updates."""
    for pattern, replacement in FEWER.items():
        source = re.sub(pattern, replacement, source)
    return source


def test_every_way_of_running_in_little_finds_its_place():
    for pattern in FEWER:
        assert any(re.search(pattern, source) for source in LECTURE.code), pattern


@pytest.mark.parametrize("heading", LECTURE.headings)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    figures_have_words(LECTURE.run(heading, {}, fewer))


def test_the_world_is_redrawn_with_only_the_thing_turned_or_taken_away():
    """Section 8 lives on it: the scene behind stays as it was, pixel for pixel."""
    from course_utils.data.world import render, sample, silhouette

    scenes = sample(6, seed=8, background="scene").with_(hidden=False, distractor=False)
    empty = scenes.with_(centre=(9, 9))
    turned = scenes.with_(tilt=scenes.tilt + torch.pi)
    covered = torch.stack([silhouette(s) for s in (scenes, turned)]).amax(0)
    # The thing throws a shadow around it.
    near = torch.nn.functional.max_pool2d(covered[:, None], 17, 1, 8)[:, 0] > 0
    away = (~near)[:, None].expand(-1, 3, -1, -1)
    assert int(away.sum()) > 1000
    for other in (empty, turned):
        assert torch.equal(render(other)[away], render(scenes)[away])
    assert plots.percent(float((silhouette(empty) > 0.5).float().mean())) == "0.0 %"
