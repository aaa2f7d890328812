"""The trained classifier that comes with the course knows the world, and is as brittle as promised."""

from __future__ import annotations

import json

import pytest
import torch

from course_utils import attacks
from course_utils.data.world import CLASSES, world
from course_utils.models import saving, zoo
from course_utils.robustness import accuracy


@pytest.fixture(scope="module")
def model():
    return zoo.load("world_classifier")


@pytest.fixture(scope="module")
def pictures():
    return world(200, seed=12)


def test_it_names_the_things(model, pictures):
    assert accuracy(model, pictures.batches(100)) > 0.95


def test_it_is_brittle(model, pictures):
    def pgd(model, x, y):
        return attacks.pgd(model, x, y, 8 / 255, steps=5, random_start=False)

    assert accuracy(model, pictures[:50].batches(50), pgd) < 0.1


def test_its_logits_are_in_the_order_of_the_classes(model):
    facts = saving.facts(zoo.folder() / "world_classifier.safetensors")
    assert tuple(facts["classes"]) == CLASSES
    with torch.no_grad():
        guess = model(world(10, 12, labels=CLASSES).images).argmax(1)
    assert (guess == torch.arange(10)).float().mean() >= 0.8


def test_its_card_says_how_to_train_it_again():
    facts = saving.facts(zoo.folder() / "world_classifier.safetensors")
    assert facts["command"] in zoo.card("world_classifier")
    assert json.dumps(facts["seed"]) in facts["command"]
