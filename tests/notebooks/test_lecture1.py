"""Lecture 1 keeps what a lecture promises: short cells, sections that run alone, words for every figure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import pytest
import torch

from course_utils import data, models
from course_utils.data.world import load_world, sample
from course_utils.models import imagenet
from course_utils.plots import Picture

SOURCE = Path(__file__).parents[2] / "notebooks/source/lectures/01_adversarial_examples.py"
CELLS = jupytext.read(SOURCE).cells
CODE = [cell.source for cell in CELLS if cell.cell_type == "code"]
TEXT = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")


def sections() -> dict[str, list[str]]:
    """Heading -> code cells; the first is the pre-load section."""
    found: dict[str, list[str]] = {}
    heading = ""
    for cell in CELLS:
        if cell.cell_type == "markdown":
            if match := re.search(r"^## (.+)", cell.source, re.MULTILINE):
                heading = match.group(1)
        else:
            found.setdefault(heading, []).append(cell.source)
    return found


SECTIONS = sections()
PRELOAD, *REST = SECTIONS


def test_every_code_cell_is_at_most_fifteen_lines():
    for source in CODE:
        lines = [line for line in source.splitlines() if line.strip()]
        assert len(lines) <= 15, f"{len(lines)} lines: {lines[0]}"


def test_no_device_is_written_down():
    for source in CODE:
        assert not re.search(r"cuda|\bmps\b|\.cpu\(\)", source), source


def test_the_source_begins_with_its_title():
    assert CELLS[0].cell_type == "markdown"
    assert CELLS[0].source.startswith("# ")


def test_sections_one_to_eight_are_there_and_answers_are_folded():
    assert [heading[0] for heading in REST] == list("12345678")
    assert TEXT.count("<details>") == TEXT.count("</details>") >= 6
    assert "●" in TEXT


def test_the_sources_of_the_facts_are_named():
    for paper in ("1412.6572", "1907.07174", "1706.06083", "1801.02774", "1809.02104"):
        assert paper in TEXT
    for name in ("input_gradient", "project_l2", "accuracy_under_attack", "worst_case_shift"):
        assert name in TEXT, "the pointer to lab 1"


@pytest.fixture(scope="module")
def small():
    return load_world(48, n_train=10, n_validation=10, n_test=30, n_unlabelled=0, cache=False)


@pytest.fixture
def shrunken(monkeypatch, small):
    """The lecture in little: few pictures, and an untrained network, which errs often enough."""

    def offline(*arguments, **options):
        raise data.DownloadError("no network in this test")

    def network(name, device=None):
        torch.manual_seed(0)
        return models.Classifier(models.Encoder(8), 10).eval()

    monkeypatch.setattr(data, "load", lambda name, **options: small)
    monkeypatch.setattr(models.zoo, "load", network)
    monkeypatch.setattr(imagenet, "googlenet", offline)
    monkeypatch.setattr(
        "course_utils.data.world.sample",
        lambda n, seed, **options: sample(
            n if "labels" in options else min(n, 60), seed, **options
        ),
    )


def fewer(source: str) -> str:
    """The same cell on fewer pictures."""
    source = source.replace("(8, 12, 16, 24, 32, 48)", "(8, 12, 16)")
    return source.replace("x[:100], y[:100]", "x[:6], y[:6]")


def run(source: str, names: dict) -> object:
    """The value of a cell's last expression, as a notebook would show it."""
    tree = ast.parse(fewer(source))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


@pytest.mark.parametrize("heading", REST)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    names: dict = {}
    for source in SECTIONS[PRELOAD]:
        run(source, names)
    shown = [run(source, names) for source in SECTIONS[heading]]
    figures = [value for value in shown if isinstance(value, Picture)]
    assert figures, "a section without a picture"
    for figure in figures:
        assert len(figure.alt) > 40
        assert figure.get_suptitle()
