"""The encoder that comes with the course tells strangers apart, and paint on a frame fools it."""

from __future__ import annotations

import pytest
import torch

from course_utils import attacks
from course_utils.data.faces import faces, worn
from course_utils.models import Encoder, Matcher, saving, zoo

PERSONS, ENROLLED = 10, 4  # strangers, and shots from which each is enrolled


@pytest.fixture(scope="module")
def strangers():
    return faces(PERSONS, ENROLLED, seed=12), faces(PERSONS, 2, seed=12, first=ENROLLED, glasses=0)


@pytest.fixture(scope="module")
def matcher(strangers):
    enrolled, _ = strangers
    return Matcher.enrol(zoo.load("faces_encoder"), enrolled.images, enrolled.labels)


def test_it_is_an_encoder_and_its_card_says_how_to_train_it_again():
    assert type(zoo.load("faces_encoder")) is Encoder
    facts = saving.facts(zoo.folder() / "faces_encoder.safetensors")
    assert facts["command"] in zoo.card("faces_encoder")


def test_it_tells_strangers_apart(matcher, strangers):
    _, asked = strangers
    with torch.no_grad():
        assert (matcher(asked.images).argmax(dim=1) == asked.labels).float().mean() >= 0.9


def test_paint_on_a_frame_makes_one_person_another(matcher, strangers):
    asked = strangers[1][::2]
    target, mask = (asked.labels + 3) % PERSONS, worn(asked.attributes["pose"], 48)
    x_adv = attacks.masked_pgd(matcher, asked.images, target, mask, step_size=0.05, steps=60)
    outside = (mask == 0).expand_as(x_adv)
    assert torch.equal(x_adv[outside], asked.images[outside])
    with torch.no_grad():
        assert (matcher(x_adv).argmax(dim=1) == target).float().mean() >= 0.7
