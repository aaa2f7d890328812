"""One cue changes and nothing else; how often an answer follows it is counted."""

import math
from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils import models
from course_utils.data.world import BACKGROUNDS, PLAINS, render, sample
from course_utils.robustness import CUES, cue_reliance, with_changed

FIELD = {"shape": "label", "colour": "colour", "background": "background"}
MIXED = list(BACKGROUNDS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


class Reads(nn.Module):
    """Answers with whatever it is told to read off the pixels."""

    def __init__(self, read):
        super().__init__()
        self.read = read

    def forward(self, x):
        return nn.functional.one_hot(self.read(x).long() % 10, 10).float()


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CUES), st.integers(0, 2**40))
def test_the_cue_changes_for_every_scene_and_nothing_else(cue, seed):
    scenes = sample(50, seed=1, background=MIXED)
    changed = with_changed(scenes, cue, seeded(seed))
    for field in fields(scenes):
        before, after = getattr(scenes, field.name), getattr(changed, field.name)
        if field.name == FIELD[cue]:
            assert (before != after).all()
        else:
            assert torch.equal(before, after)
    assert torch.equal(scenes.background < len(PLAINS), changed.background < len(PLAINS))


@pytest.mark.parametrize("cue", CUES)
def test_every_other_one_is_as_likely(cue):
    scenes = sample(9000, seed=3)
    changed = with_changed(scenes, cue, seeded())
    further = (getattr(changed, FIELD[cue]) - getattr(scenes, FIELD[cue])) % 10
    counts = further.bincount(minlength=10)
    assert counts[0] == 0
    assert (counts[1:] - 1000).abs().max() < 5 * math.sqrt(1000)


def test_a_seed_decides_the_change():
    scenes = sample(40, seed=1)
    assert torch.equal(
        with_changed(scenes, "shape", seeded(1)).label,
        with_changed(scenes, "shape", seeded(1)).label,
    )
    assert not torch.equal(
        with_changed(scenes, "shape", seeded(1)).label,
        with_changed(scenes, "shape", seeded(2)).label,
    )


def test_reliance_is_the_fraction_of_answers_that_change():
    model = models.zoo.load("world_classifier")
    scenes = sample(40, seed=8)
    changed = {
        "colour": with_changed(scenes, "colour", seeded()),
        "a meadow": scenes.with_(background="meadow"),
    }
    found = cue_reliance(model, scenes, changed)

    def said(these):
        return model(render(these).float() / 255).argmax(1)

    with torch.no_grad():
        before = said(scenes)
        for name, others in changed.items():
            assert found[name] == pytest.approx(float((said(others) != before).double().mean()))
    assert found["a meadow"] > found["colour"]


def test_a_network_that_looks_at_the_shape_is_told_from_one_that_does_not():
    scenes = sample(40, seed=8)
    trained = cue_reliance(models.zoo.load("world_classifier"), scenes, generator=seeded())
    assert list(trained) == list(CUES)
    assert trained["shape"] > 0.9
    assert max(trained["colour"], trained["background"]) < 0.2
    blind = Reads(lambda x: torch.zeros(len(x)))
    assert cue_reliance(blind, scenes) == {"shape": 0, "colour": 0, "background": 0}
    corner = Reads(lambda x: 5 * x[:, 0, 0, 0] + 3 * x[:, 1, 0, 0])  # a corner shows background
    leaning = cue_reliance(corner, scenes, generator=seeded())
    assert leaning["background"] > 0.5 > leaning["colour"]


def test_the_model_is_asked_in_eval_mode_and_left_as_it_was():
    model = models.zoo.load("world_classifier").train()
    statistics = {name: value.clone() for name, value in model.named_buffers()}
    first = cue_reliance(model, sample(20, seed=8), generator=seeded())
    assert model.training
    assert all(torch.equal(value, statistics[name]) for name, value in model.named_buffers())
    assert first == cue_reliance(model.eval(), sample(20, seed=8), generator=seeded())


def test_what_cannot_be_meant_is_said():
    scenes, model = sample(4, seed=0), Reads(lambda x: torch.zeros(len(x)))
    with pytest.raises(ValueError, match="no cue 'texture'"):
        with_changed(scenes, "texture")
    with pytest.raises(ValueError, match=r"must be a list of cues: \['colour'\]"):
        cue_reliance(model, scenes, "colour")
    with pytest.raises(ValueError, match="no scenes"):
        cue_reliance(model, scenes[:0])
    with pytest.raises(ValueError, match="3 changed scenes for 4"):
        cue_reliance(model, scenes, {"light": scenes[:3]})
