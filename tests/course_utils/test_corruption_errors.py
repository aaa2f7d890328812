"""Error rates on corrupted pictures, the mean corruption error, and accuracy by group."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils import models, robustness
from course_utils.data.world import groups, world
from course_utils.robustness import (
    corrupt,
    corruption_errors,
    mean_corruption_error,
    worst_group_accuracy,
)

NAMES = ["fog", "shot_noise", "contrast"]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def classifier():
    return models.zoo.load("world_classifier")


@pytest.fixture(scope="module")
def pictures():
    return world(40, seed=6)


class Recording(nn.Module):
    """Says class 0 of whatever it sees, and keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x)
        return torch.tensor([1.0, 0.0]).expand(len(x), 2)


# Error rates


def test_an_error_is_a_corrupted_picture_named_wrong(classifier, pictures):
    errors = corruption_errors(classifier, pictures, NAMES, (1, 5), seeded())
    assert list(errors) == NAMES
    for name in ("contrast",):  # no chance in it
        for severity, error in zip((1, 5), errors[name], strict=True):
            with torch.no_grad():
                said = classifier(corrupt(pictures.images, name, severity)).argmax(1)
            assert error == pytest.approx(float((said != pictures.labels).double().mean()))
    assert all(low <= high for low, high in errors.values())
    assert errors["fog"][1] > errors["fog"][0]


def test_all_corruptions_and_severities_when_none_are_named(pictures):
    model = Recording()
    errors = corruption_errors(model, [(pictures.images[:3, :, :16, :16], torch.tensor([0, 1, 0]))])
    assert list(errors) == list(robustness.CORRUPTIONS)
    for rates in errors.values():
        assert rates == [pytest.approx(1 / 3)] * 5


def test_a_split_batches_and_a_generator_of_batches_are_all_the_same(classifier, pictures):
    halves = [
        (pictures.images[:25], pictures.labels[:25]),
        (pictures.images[25:], pictures.labels[25:]),
    ]
    once = (half for half in halves)
    results = [
        corruption_errors(classifier, given, ["contrast"], (3, 5))
        for given in (pictures, halves, once)
    ]
    assert results[0] == results[1] == results[2]


def test_equal_seeds_show_two_models_the_same_pictures_whatever_else_was_asked(pictures):
    batch = [(pictures.images[:4], pictures.labels[:4])]
    first, second = Recording(), Recording()
    corruption_errors(first, batch, ["fog", "shot_noise"], (2,), seeded(5))
    corruption_errors(second, batch, ["shot_noise"], (2,), seeded(5))
    assert torch.equal(first.seen[1], second.seen[0])
    other = Recording()
    corruption_errors(other, batch, ["shot_noise"], (2,), seeded(6))
    assert not torch.equal(other.seen[0], second.seen[0])


def test_the_batches_of_one_measurement_have_draws_of_their_own(pictures):
    model, one = Recording(), (pictures.images[:1], pictures.labels[:1])
    corruption_errors(model, [one, one], ["gaussian_noise"], (2,), seeded())
    assert not torch.equal(*model.seen)


def test_no_pictures_and_unknown_names_are_said(classifier):
    with pytest.raises(ValueError, match="no images"):
        corruption_errors(classifier, [], ["fog"])
    with pytest.raises(ValueError, match="no corruption 'smoke'"):
        corruption_errors(classifier, [(torch.rand(1, 3, 8, 8), torch.tensor([0]))], ["smoke"])


# The mean corruption error

rates = st.lists(st.floats(0.01, 1), min_size=5, max_size=5)


def test_the_mean_corruption_error_by_hand():
    errors = {"fog": [0.1, 0.2, 0.3], "snow": [0.2, 0.4, 0.6]}
    baseline = {"snow": [0.4, 0.8, 1.2], "fog": [0.1, 0.1, 0.2]}
    assert mean_corruption_error(errors, baseline) == pytest.approx(100 * (1.5 + 0.5) / 2)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(robustness.CORRUPTIONS)), rates, min_size=1))
def test_a_model_is_a_hundred_percent_of_itself_and_half_the_errors_are_fifty(errors):
    assert mean_corruption_error(errors, errors) == pytest.approx(100)
    halved = {name: [rate / 2 for rate in by_severity] for name, by_severity in errors.items()}
    assert mean_corruption_error(halved, errors) == pytest.approx(50)


def test_a_hard_corruption_weighs_no_more_than_an_easy_one():
    errors = {"hard": [0.9] * 5, "easy": [0.02] * 5}
    baseline = {"hard": [0.9] * 5, "easy": [0.01] * 5}
    assert mean_corruption_error(errors, baseline) == pytest.approx(150)


@pytest.mark.parametrize(
    ("errors", "baseline", "said"),
    [
        ({}, {}, "no corruption"),
        ({"fog": [0.1]}, {"snow": [0.1]}, "in one alone: fog, snow"),
        ({"fog": [0.1, 0.2]}, {"fog": [0.1]}, "2 error rates but 1"),
        ({"fog": [0.1]}, {"fog": [0.0]}, "makes no error"),
    ],
)
def test_what_cannot_be_compared_is_said(errors, baseline, said):
    with pytest.raises(ValueError, match=said):
        mean_corruption_error(errors, baseline)


# Groups

triples = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-2, 5)), min_size=1, max_size=60
)


@settings(deadline=None)
@given(triples)
def test_each_groups_accuracy_is_a_plain_count(rows):
    predictions, labels, of = (torch.tensor(column) for column in zip(*rows, strict=True))
    found, worst = worst_group_accuracy(predictions, labels, of)
    expected = {}
    for group in {g for *_, g in rows}:
        right = [p == t for p, t, g in rows if g == group]
        expected[group] = sum(right) / len(right)
    assert found == pytest.approx(expected)
    assert list(found) == sorted(expected)
    assert worst == min(found.values())


def test_an_average_can_hide_a_group():
    labels = torch.zeros(100).long()
    predictions = labels.clone()
    predictions[:5] = 1
    found, worst = worst_group_accuracy(predictions, labels, (torch.arange(100) >= 5).long())
    assert found == {0: 0.0, 1: 1.0}
    assert worst == 0.0


def test_the_worlds_groups_will_do(classifier):
    split = world(200, seed=2, background_cue=0.5, background="scene")
    of = groups(split)
    found, worst = worst_group_accuracy(
        robustness.answers(classifier, split.batches(100)).said, split.labels, of
    )
    assert set(found) == set(of.tolist())
    assert 0 <= worst < 1


@pytest.mark.parametrize(
    "shapes", [((3,), (3,), (2,)), ((0,), (0,), (0,)), ((3, 2), (3, 2), (3, 2))]
)
def test_rows_that_do_not_belong_together_are_refused(shapes):
    with pytest.raises(ValueError, match=r"\(N,\) with one N"):
        worst_group_accuracy(*(torch.zeros(shape).long() for shape in shapes))
