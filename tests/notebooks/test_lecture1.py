"""Lecture 1 keeps what a lecture promises: short cells, sections that run alone, words for every figure."""

from __future__ import annotations

import pytest
import torch

from course_utils import data, models
from course_utils.data.world import load_world, sample
from course_utils.models import imagenet
from tests.notebooks.lecture import PROMISES, Lecture, figures_have_words

LECTURE = Lecture("01_adversarial_examples")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_lecture_1_keeps_what_every_lecture_promises(promise):
    promise(LECTURE)


def test_sections_one_to_eight_are_there():
    assert [heading[0] for heading in LECTURE.headings] == list("12345678")


def test_the_sources_of_the_facts_are_named():
    for paper in ("1412.6572", "1907.07174", "1706.06083", "1801.02774", "1809.02104"):
        assert paper in LECTURE.text
    for name in ("input_gradient", "project_l2", "accuracy_under_attack", "worst_case_shift"):
        assert name in LECTURE.text, "the pointer to lab 1"


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


@pytest.mark.parametrize("heading", LECTURE.headings)
def test_a_section_runs_alone_after_the_preload_and_its_figures_have_words(shrunken, heading):
    figures_have_words(LECTURE.run(heading, {}, fewer))
