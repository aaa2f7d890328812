"""One evaluation for every encoder: choices by validation alone, the same draws for all, a table to read."""

import pytest
import torch
from torch import nn

from course_utils.data import Dataset, Split
from course_utils.models import Encoder
from course_utils.selfsup import (
    Downstream,
    downstream,
    evaluation,
    extract_features,
    few_labels,
    knn_accuracy,
    linear_probe,
)
from course_utils.selfsup.evaluation import FINE_TUNING, LINEAR, NEIGHBOURS, Score

CLASSES = 3


def pictures(n, seed):
    """Noise in which a class's own channel is a little brighter."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % CLASSES
    pixels = torch.randint(60, (n, 3, 8, 8), dtype=torch.uint8, generator=generator)
    pixels[torch.arange(n), labels] += 40
    return Split(pixels, labels)


@pytest.fixture(scope="module")
def dataset():
    splits = (pictures(n, seed) for seed, n in enumerate((90, 60, 60)))
    return Dataset("small", ("red", "green", "blue"), *splits, card="")


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return Encoder(width=4).eval()


FEW = {"per_class": (5, None), "updates": 2, "batch_size": 30, "rates": (1e-3,)}


@pytest.fixture(scope="module")
def found(encoder, dataset):
    return downstream(encoder, dataset, seeds=(0, 1), **FEW)


def test_every_measure_has_a_score_for_every_draw_and_none_twice(found):
    assert list(found.scores) == [LINEAR, NEIGHBOURS, FINE_TUNING]
    counts = {m: {n: len(scores) for n, scores in by.items()} for m, by in found.scores.items()}
    # With all labels nothing is drawn: only fine-tuning's order has a seed.
    assert counts == {
        LINEAR: {5: 2, None: 1},
        NEIGHBOURS: {5: 2, None: 1},
        FINE_TUNING: {5: 2, None: 2},
    }


def test_the_figures_are_those_of_the_probes_at_the_setting_that_validation_chose(
    encoder, dataset, found
):
    for seed in (0, 1):
        train = extract_features(encoder, few_labels(dataset.train, 5, seed).batches(30))
        validation = extract_features(encoder, dataset.validation.batches(30))
        test = extract_features(encoder, dataset.test.batches(30))
        score = found.scores[LINEAR][5][seed]
        tried = {C: linear_probe(*train, *validation, C=C) for C in evaluation.STRENGTHS}
        assert score.validation == max(tried.values()) == tried[score.setting]
        assert score.test == linear_probe(*train, *test, C=score.setting)
        score = found.scores[NEIGHBOURS][5][seed]
        tried = {k: knn_accuracy(*train, *validation, k=k) for k in (1, 3, 5, 10)}
        assert score.validation == max(tried.values()) == tried[score.setting]
        assert score.test == knn_accuracy(*train, *test, k=int(score.setting))


def test_the_labels_of_the_test_split_choose_nothing(encoder, dataset):
    shuffled = Split(dataset.test.pixels, dataset.test.labels.roll(1))
    other = Dataset("small", dataset.classes, dataset.train, dataset.validation, shuffled, card="")
    few = {**FEW, "per_class": (5,), "rates": (1e-3, 3e-2), "seeds": (0,)}
    chosen = [
        {
            measure: [(score.setting, score.validation) for score in by[5]]
            for measure, by in downstream(encoder, data, **few).scores.items()
        }
        for data in (dataset, other)
    ]
    assert chosen[0] == chosen[1]


def test_the_encoder_is_left_as_it_was(encoder, dataset):
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.train()
    downstream(encoder, dataset, seeds=(0,), **{**FEW, "per_class": (5,)})
    assert encoder.training
    encoder.eval()
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_the_same_seeds_give_the_same_figures(encoder, dataset, found):
    assert downstream(encoder, dataset, seeds=(0, 1), **FEW) == found


def test_features_without_pixels_behind_them_can_be_probed(dataset):
    class Means(nn.Module):
        def forward(self, x):
            return x.mean(dim=(2, 3))

    seen = downstream(Means(), dataset, per_class=(10,), seeds=(0,), measures=(LINEAR, NEIGHBOURS))
    assert seen.mean(LINEAR, 10) > 0.8


def test_fine_tuning_starts_from_the_probe_unless_told_otherwise(dataset):
    torch.manual_seed(1)
    encoder = Encoder(width=4)
    with torch.no_grad():
        for _ in range(100):  # batch normalisation settles: a further pass moves nothing
            encoder(dataset.train.images)
    encoder.eval()
    still = {**FEW, "per_class": (None,), "updates": 1, "batch_size": 90, "rates": (1e-9,)}
    scores = [
        downstream(encoder, dataset, seeds=(0,), measures=(FINE_TUNING,), from_probe=probe, **still)
        for probe in (True, False)
    ]
    probe = downstream(encoder, dataset, seeds=(0,), measures=(LINEAR,), per_class=(None,))
    reached = probe.mean(LINEAR, None)
    assert reached > 0.5
    assert scores[0].mean(FINE_TUNING, None) == pytest.approx(reached, abs=0.02)
    assert scores[1].mean(FINE_TUNING, None) < reached - 0.1


def test_rates_and_updates_may_differ_by_the_number_of_labels(encoder, dataset):
    seen = downstream(
        encoder, dataset, per_class=(5, 10), seeds=(0,), measures=(FINE_TUNING,),
        rates={5: (1e-3,), 10: (2e-3,)}, updates={5: 1, 10: 2}, batch_size=30,
    )  # fmt: skip
    assert [seen.scores[FINE_TUNING][n][0].setting for n in (5, 10)] == [1e-3, 2e-3]


def test_the_table_tells_means_and_deviations_in_percent():
    scores = tuple(Score(test, 0.5, 1.0, seed) for seed, test in enumerate((0.5, 0.6, 0.7)))
    seen = Downstream({LINEAR: {10: scores, None: scores[:1]}})
    assert seen.mean(LINEAR, 10) == pytest.approx(0.6)
    assert seen.spread(LINEAR, 10) == pytest.approx(0.1)
    assert seen.spread(LINEAR, None) is None
    head, row = str(seen).splitlines()
    assert head.split() == ["10", "a", "class", "all", "labels"]
    assert row == "linear probe    60.0 % ± 10.0         50.0 %".replace("    60.0", "   60.0", 1)
    assert "60.0 % ± 10.0" in seen._repr_html_()
    assert seen._repr_html_().count("<tr>") == 2


def test_an_unknown_measure_is_told_with_those_there_are(encoder, dataset):
    with pytest.raises(ValueError, match="linear probe, k-NN, fine-tuning"):
        downstream(encoder, dataset, measures=("knn",))
